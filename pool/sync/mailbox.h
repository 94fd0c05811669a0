// mailbox: a value that is reached by requests only. Who asks while the mailbox is idle runs its own request, and then those
// that came meanwhile; who asks while it is run waits for the answer. So the value is touched by one thread at a time, mostly
// by the same one for a while, and no thread is kept for it. After Oyama, Taura and Yonezawa, "Executing parallel programs
// with synchronization bottlenecks efficiently" (1999); the bound and the hand-over are those of CC-Synch (Fatourou and
// Kallimanis, PPoPP 2012).
//
//   newest_        nullptr: idle     &detail::nobody: run, and nobody waits     else: run; the newest of those who wait
//   Request::state waiting -> answered             while it looks briefly
//                  waiting -> parked -> answered   asleep, and woken by who answers
//                  ... -> running                  instead of answered: the role of the runner passes to who waits
//
// A runner answers at most kMostForOthers requests of others, then hands its role, with the line, to the oldest of those who
// wait. Requests are served in the order in which they came, but for the one that finds the mailbox idle.
//
// Invariant: newest_ is not nullptr from the moment when a thread becomes the runner until it is run by nobody. Only the
// runner takes requests out. So at any time at most one thread is inside a request of this mailbox.
//
// Progress: blocking. Every request is answered after finitely many others, if requests end: a runner leaves only when
// nobody waits or its role has passed to one who does. A request may ask another mailbox if all do so in one order of the
// mailboxes: a runner then waits for a later one only, the runner of the last one waits for none, and there is no deadlock. A
// request that asks its own mailbox waits for itself. Any number of threads: they look briefly, then sleep in the kernel.
// Errors: what a request throws is thrown to who asked; the mailbox goes on. Nothing is allocated: requests lie on the stacks
// of those who wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "pool/sync/brief_wait.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

namespace detail {

class MailboxRequest {
 public:
  using Run = void (*)(MailboxRequest&, void* value) noexcept;
  enum State : std::uint32_t { waiting, parked, answered, running };

  constexpr explicit MailboxRequest(Run what) noexcept : run_(what) {}
  MailboxRequest(const MailboxRequest&) = delete;
  MailboxRequest& operator=(const MailboxRequest&) = delete;

  void run(void* value) noexcept { run_(*this, value); }

  // By the runner: `state` is answered or running. After that the request may be gone.
  void tell(State state) noexcept {
    const std::uint32_t* const word = reinterpret_cast<const std::uint32_t*>(&state_);
    // (1) - release: synchronizes with await() (2), which so sees the answer, or all that the runner before did to the value.
    // acquire is not needed: a sleeper is only woken.
    if (state_.exchange(state, std::memory_order_release) == parked) futex_wake(word, 1);
  }

  // By who asked: answered or running.
  [[nodiscard]] std::uint32_t await() noexcept {
    // (2) - acquire (all): synchronizes with tell() (1).
    if (!wait_briefly([this] { return state_.load(std::memory_order_acquire) >= answered; })) {
      std::uint32_t expected = waiting;
      // relaxed: tells the runner nothing but that somebody sleeps.
      state_.compare_exchange_strong(expected, parked, std::memory_order_relaxed);
      while (state_.load(std::memory_order_acquire) == parked) {
        futex_wait(reinterpret_cast<const std::uint32_t*>(&state_), parked);
      }
    }
    return state_.load(std::memory_order_acquire);
  }

  MailboxRequest* next =
      nullptr;  // in the mailbox: the one before it; in the runner's line: the one after it

 private:
  const Run run_;
  std::atomic<std::uint32_t> state_{waiting};
};

inline constinit MailboxRequest nobody{nullptr};

}  // namespace detail

template <class T>
class Mailbox {
 public:
  static constexpr unsigned kMostForOthers = 128;

  template <class... Args>
  requires std::constructible_from<T, const Args&...>
  explicit Mailbox(const Args&... args) : value_(args...) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Runs f(T&), which returns a value, once, while nobody else touches the value, here or on another thread that asks; and
  // returns what f returned.
  template <class F>
  std::invoke_result_t<F&, T&> ask(F&& f) {
    Question<F> question(f);
    if (!put(question)) {
      // (3) put() has made this thread the runner.
      question.run(&value_);
      run_others(nullptr);
    } else if (question.await() == detail::MailboxRequest::running) {
      detail::MailboxRequest* const line = question.next;
      question.run(&value_);
      run_others(line);
    }
    if (question.failure) std::rethrow_exception(question.failure);
    return std::move(*question.answer);
  }

 private:
  using Request = detail::MailboxRequest;

  template <class F>
  struct Question : Request {
    explicit Question(F& what) noexcept : Request(&Question::run_it), f(what) {}
    static void run_it(Request& request, void* value) noexcept {
      auto& self = static_cast<Question&>(request);
      try {
        self.answer.emplace(self.f(*static_cast<T*>(value)));
      } catch (...) {
        self.failure = std::current_exception();
      }
    }

    F& f;
    std::optional<std::invoke_result_t<F&, T&>> answer;
    std::exception_ptr failure;
  };

  // False if the mailbox was idle: then it is run by the caller, and the request is not in it.
  bool put(Request& request) noexcept {
    // relaxed: validated by the CAS.
    Request* newest = newest_.load(std::memory_order_relaxed);
    while (true) {
      request.next = newest == &detail::nobody ? nullptr : newest;
      Request* const next = newest == nullptr ? &detail::nobody : &request;
      // (4) - acquire: synchronizes with the last runner's release (6), whose changes to the value are so seen. release:
      // synchronizes with the runner's acquire (5), which so sees the request.
      if (newest_.compare_exchange_weak(newest, next, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        return newest != nullptr;
      }
    }
  }

  // The runner's work after its own request; `line` came with the role, oldest first.
  void run_others(Request* line) noexcept {
    for (unsigned left = kMostForOthers;; --left) {
      if (line == nullptr) line = take_line();
      if (line == nullptr) return;
      if (left == 0) return line->tell(Request::running);  // its `next` is the rest of the line
      Request* const request = line;
      line = request->next;
      request->run(&value_);
      request->tell(Request::answered);
    }
  }

  // All that wait, oldest first; null, and the mailbox is idle, if nobody does.
  Request* take_line() noexcept {
    Request* newest = &detail::nobody;
    // (6) - release: synchronizes with the next runner's acquire (4). relaxed on failure: (5) reads again.
    if (newest_.compare_exchange_strong(newest, nullptr, std::memory_order_release,
                                        std::memory_order_relaxed)) {
      return nullptr;
    }
    // (5) - acquire: synchronizes with put() (4) of every request in the list: each is a read-modify-write.
    newest = newest_.exchange(&detail::nobody, std::memory_order_acquire);
    Request* line = nullptr;
    while (newest != nullptr) {
      Request* const before = newest->next;
      newest->next = line;
      line = newest;
      newest = before;
    }
    return line;
  }

  std::atomic<Request*> newest_{nullptr};
  T value_;
};

}  // namespace crosstalk::pool
