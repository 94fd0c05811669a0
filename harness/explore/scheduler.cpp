#include "harness/explore/scheduler.h"

#include "harness/explore/conflicts.h"
#include "harness/explore/decisions.h"
#include "harness/explore/shadow.h"
#include "harness/explore/stall.h"
#include "harness/explore/switching.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint32_t kLooksInVain = 64;
constexpr std::uint64_t kIdleStepNs = 1'000'000;  // doubled each time that still nothing changes:
constexpr int kIdleRounds = 36;  // to two years, as some spin until a clock says that it is time
constexpr std::uint32_t kLongestStreak = 1000;  // steps of one thread while others could run
constexpr long kSpinnerPenalty = 1000;

bool waits(const Thread& thread) noexcept {
  return thread.state != State::ready && thread.state != State::finished;
}

// Lets time pass up to `now` and wakes whose deadline that is.
void advance_time(std::uint64_t now) noexcept {
  Runtime& r = *runtime;
  if (now > r.time_ns) r.time_ns = now;
  note_use_by_nobody(&r.time_ns);
  for (int i = 0; i < r.thread_count; ++i) {
    Thread& each = r.threads[i];
    if (!waits(each) || each.deadline_ns == 0 || each.deadline_ns > r.time_ns) continue;
    each.state = State::ready;
    each.timed_out = true;
    each.deadline_ns = 0;
  }
}

Thread* earliest_deadline() noexcept {
  Thread* earliest = nullptr;
  for (int i = 0; i < runtime->thread_count; ++i) {
    Thread& each = runtime->threads[i];
    if (!waits(each) || each.deadline_ns == 0) continue;
    if (earliest == nullptr || each.deadline_ns < earliest->deadline_ns) earliest = &each;
  }
  return earliest;
}

bool anybody_spins() noexcept {
  for (int i = 0; i < runtime->thread_count; ++i) {
    if (runtime->threads[i].state == State::spin) return true;
  }
  return false;
}

void release_spinners(const Thread* but) noexcept {
  for (int i = 0; i < runtime->thread_count; ++i) {
    Thread& each = runtime->threads[i];
    if (each.state != State::spin || &each == but) continue;
    each.state = State::ready;
  }
}

// The current thread first if it can go on, so that the usual choice is to go on.
void offer_ready(Offer& offer) noexcept {
  const Runtime& r = *runtime;
  const int me = r.current->id;
  if (r.current->state == State::ready) offer.add(me);
  for (int k = 1; k < r.thread_count; ++k) {
    const int other = (me + k) % r.thread_count;
    if (r.threads[other].state == State::ready) offer.add(other);
  }
}

// Nobody can run: time passes, spinners look again, or it is the end.
void make_somebody_ready() noexcept {
  if (const Thread* const next = earliest_deadline()) return advance_time(next->deadline_ns);
  if (anybody_spins()) {
    if (runtime->idle_rounds == kIdleRounds) report_livelock();
    runtime->time_ns += kIdleStepNs << runtime->idle_rounds++;
    return release_spinners(nullptr);
  }
  rescue_or_report();
}

// What may happen although it need not: the next time-out comes early, somebody wakes for no reason.
void offer_surprises(Offer& offer) noexcept {
  const Runtime& r = *runtime;
  const Thread* const sleeper = earliest_deadline();
  if (sleeper != nullptr) offer.add_extra(sleeper->id);
  if (!r.spurious) return;
  for (int i = 0; i < r.thread_count; ++i) {
    const Thread& each = r.threads[i];
    if (&each != sleeper && (each.state == State::condition || each.state == State::futex))
      offer.add_extra(i);
  }
}

void wake_surprised(Thread& thread) noexcept {
  if (thread.deadline_ns != 0) return advance_time(thread.deadline_ns);
  thread.state = State::ready;
  thread.timed_out = false;
}

bool has_looked_at(const Thread& thread, Address address) noexcept {
  const std::uint32_t kept = thread.looked_count < kLooksKept ? thread.looked_count : kLooksKept;
  for (std::uint32_t i = 0; i < kept; ++i) {
    if (thread.looked_at[i] == address) return true;
  }
  return false;
}

// Waits for a change of anything.
void spin() noexcept {
  Thread& me = self();
  me.quiet = me.streak = 0;
  if (runtime->plan.mode == Mode::priorities) me.priority -= kSpinnerPenalty;
  block(State::spin, nullptr);
}

void reschedule() noexcept {
  Runtime& r = *runtime;
  Thread& me = *r.current;
  ++me.events;
  me.let_go_on = -1;
  Offer offer{.kind = 't', .cost = me.state == State::ready ? 1 : 0};
  for (offer_ready(offer); offer.count == 0; offer_ready(offer)) make_somebody_ready();
  offer_surprises(offer);
  const int taken = offer.count + offer.extra > 1 ? choose(offer) : 0;
  Thread& next = r.threads[offer.threads[taken]];
  if (taken >= offer.count) wake_surprised(next);
  if (&next != &me) next.streak = 0;
  switch_threads(me, next);
}

}  // namespace

void count_step() noexcept {
  if (++runtime->steps <= kMaxSteps) return;
  fail(Finding::limit, "an execution took more than %u steps: the scenario has no end, or is too long",
       kMaxSteps);
}

void step(const char* what, Address address, std::uint32_t place) noexcept {
  Runtime& r = *runtime;
  Thread& me = *r.current;
  me.accesses = 0;
  ++r.beats;
  count_step();
  // Threads that undo and repeat what they do can keep each other from going on: nobody does so for ever.
  if (++me.streak > kLongestStreak) {
    note_cut();
    spin();
  }
  lower_priority_at_change_point();
  reschedule();
  me.place = place;
  mix((static_cast<std::uint64_t>(me.id) << 32) + me.events);
  if (address != nullptr) check_alive(address, place);
  record(what, address, place);
}

bool block(State state, Address waits_for, std::uint64_t deadline_ns) noexcept {
  Thread& me = self();
  me.state = state;
  me.waits_for = waits_for;
  me.deadline_ns = deadline_ns;
  me.timed_out = false;
  ++runtime->beats;
  reschedule();
  me.deadline_ns = 0;
  me.waits_for = nullptr;
  return me.timed_out;
}

void give_up_for_good() noexcept {
  self().state = State::finished;
  reschedule();
}

void note_change() noexcept {
  ++runtime->changes;
  runtime->idle_rounds = 0;
  release_spinners(runtime->current);
}

void wake_all(State state, Address waited_for) noexcept {
  for (int i = 0; i < runtime->thread_count; ++i) {
    Thread& each = runtime->threads[i];
    if (each.state != state || each.waits_for != waited_for) continue;
    each.state = State::ready;
    // Its time might have been up before.
    if (each.deadline_ns != 0) note_conflict();
  }
}

int wake_some(State state, Address waited_for, int count, std::uint32_t channels) noexcept {
  int woken = 0;
  while (woken < count) {
    Offer offer{.kind = 's', .cost = 0};
    for (int i = 0; i < runtime->thread_count; ++i) {
      const Thread& each = runtime->threads[i];
      const bool reached = state != State::futex || (each.channels & channels) != 0;
      if (each.state == state && each.waits_for == waited_for && reached) offer.add(i);
    }
    if (offer.count == 0) break;
    // With a wake-up for everybody there is no choice.
    note_conflict();  // each might have gone on for another reason before, or not yet have slept
    Thread& next = runtime->threads[offer.threads[offer.count > count - woken ? choose(offer) : 0]];
    next.state = State::ready;
    next.timed_out = false;
    next.deadline_ns = 0;
    ++woken;
  }
  if (woken > 0) note_change();
  return woken;
}

void look_in_vain(Address address) noexcept {
  Thread& me = self();
  if (me.quiet_since != runtime->changes) {
    me.quiet_since = runtime->changes;
    me.quiet = me.looked_count = 0;
  }
  if (address != nullptr && !has_looked_at(me, address)) {
    me.looked_at[me.looked_count++ % kLooksKept] = address;
  } else if (++me.quiet > kLooksInVain) {
    spin();
  }
}

void note_cut() noexcept {
  for (int i = 0; i < runtime->thread_count; ++i) {
    const Thread& each = runtime->threads[i];
    if (each.state == State::ready && &each != runtime->current) runtime->cut = true;
  }
}

}  // namespace crosstalk::harness::explore
