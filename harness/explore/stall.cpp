#include "harness/explore/stall.h"

#include <pthread.h>

#include <cstdarg>
#include <cstdio>

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

namespace {

class StallText {
 public:
  StallText(char* text, std::size_t size) : text_(text), size_(size) { text_[0] = '\0'; }

  __attribute__((format(printf, 2, 3))) void add(const char* format, ...) noexcept {
    if (length_ + 1 >= size_) return;
    va_list arguments;
    va_start(arguments, format);
    const int more = std::vsnprintf(text_ + length_, size_ - length_, format, arguments);
    va_end(arguments);
    if (more > 0) length_ += static_cast<std::size_t>(more);
  }

 private:
  char* text_;
  std::size_t size_;
  std::size_t length_ = 0;
};

// The thread that `thread` waits for, or -1 where it waits for no particular one.
int blocker_of(const Thread& thread) noexcept {
  const auto address = const_cast<const void*>(thread.waits_for);
  if (thread.state == State::mutex) return static_cast<const pthread_mutex_t*>(address)->__data.__owner - 1;
  if (thread.state == State::spin_lock) return *static_cast<const int*>(address) - 1;
  if (thread.state == State::rw_lock) {
    return static_cast<int>(static_cast<const pthread_rwlock_t*>(address)->__data.__writers) - 1;
  }
  if (thread.state == State::join) return static_cast<const Thread*>(address)->id;
  return -1;
}

const char* wait_text(State state) noexcept {
  switch (state) {
    case State::ready:
      return "could run";
    case State::mutex:
      return "waits for a mutex";
    case State::spin_lock:
      return "waits for a spin lock";
    case State::rw_lock:
      return "waits for a reader-writer lock";
    case State::condition:
      return "sleeps on a condition variable";
    case State::futex:
      return "sleeps on a futex";
    case State::semaphore:
      return "waits for a semaphore";
    case State::barrier:
      return "waits at a barrier";
    case State::join:
      return "waits for the end";
    case State::guard:
      return "waits for an initialisation";
    case State::sleep:
      return "sleeps";
    case State::spin:
      return "looks again and again";
    case State::end:
      return "has done its part";
    case State::finished:
      return "is over";
  }
  return "";
}

// "T1 waits for a mutex of T2 (file:line), ..."
void describe_waits(StallText& text) noexcept {
  const Runtime& r = *runtime;
  const char* between = "";
  for (int i = 0; i < r.thread_count; ++i) {
    const Thread& each = r.threads[i];
    if (each.state == State::finished || each.state == State::end) continue;
    text.add("%sT%d %s", between, i, wait_text(each.state));
    const int blocker = blocker_of(each);
    if (blocker >= 0) text.add(" of T%d", blocker);
    const std::uint32_t caller = each.depth > 0 && each.depth <= kMaxCalls ? each.calls[each.depth - 1] : 0;
    if (each.place != 0 || caller != 0) text.add(" at @%x/%x@", each.place, caller);
    between = ", ";
  }
}

// Follows blockers from every thread; returns one on a cycle, or -1.
int find_cycle() noexcept {
  const Runtime& r = *runtime;
  for (int start = 0; start < r.thread_count; ++start) {
    int at = start;
    for (int i = 0; i <= r.thread_count && at >= 0; ++i) {
      at = r.threads[at].state == State::finished ? -1 : blocker_of(r.threads[at]);
      if (at == start) return start;
    }
  }
  return -1;
}

void describe_stall(char* buffer, std::size_t size) noexcept {
  StallText text(buffer, size);
  const int start = find_cycle();
  if (start >= 0) {
    text.add("cycle T%d", start);
    for (int at = blocker_of(runtime->threads[start]); at != start; at = blocker_of(runtime->threads[at])) {
      text.add(" -> T%d", at);
    }
    text.add(" -> T%d: ", start);
  }
  describe_waits(text);
}

}  // namespace

void rescue_or_report() noexcept {
  Runtime& r = *runtime;
  if (r.rescued == 0) describe_stall(r.stalled, sizeof r.stalled);
  for (int i = 0; i < r.thread_count; ++i) {
    Thread& each = r.threads[i];
    const bool sleeps = each.state == State::condition || each.state == State::futex;
    if (!sleeps || (r.rescued >> i & 1U) != 0) continue;
    r.rescued |= 1U << i;
    each.state = State::ready;
    each.timed_out = false;
    return;
  }
  fail(Finding::deadlock, "no thread can run: %s", r.stalled);
}

void report_livelock() noexcept {
  if (runtime->rescued != 0) fail(Finding::deadlock, "no thread can run: %s", runtime->stalled);
  char text[768];
  describe_stall(text, sizeof text);
  fail(Finding::livelock, "nothing changes any more: %s", text);
}

void report_rescue() noexcept {
  if (runtime->rescued == 0) return;
  fail(Finding::lost_wake_up, "nobody wakes who sleeps, one spurious wake-up would free them: %s",
       runtime->stalled);
}

}  // namespace crosstalk::harness::explore
