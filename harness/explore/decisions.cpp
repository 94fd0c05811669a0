#include "harness/explore/decisions.h"

#include "harness/explore/raw_call.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kOneSurpriseIn = 32;
constexpr long kHighPriority = 1'000'000;
constexpr std::uint32_t kFirstGuessOfSteps = 100;
constexpr std::uint64_t kClockEvery = 64;  // executions

std::uint64_t draw() noexcept {  // xorshift64 (Marsaglia 2003)
  std::uint64_t& x = runtime->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}

int choose_by_depth(const Offer& offer) noexcept {
  Runtime& r = *runtime;
  int count = offer.count;
  int extra = offer.extra;
  if (r.preemptions + offer.cost > r.plan.bound) return 0;
  if (r.preemptions + offer.cost + 1 > r.plan.bound) extra = 0;
  if (count + extra < 2) return 0;
  const bool preempts = offer.kind == 't' && offer.cost > 0;
  const int next = r.decision_next++;
  if (next < r.decision_count) {
    const Decision& known = r.decisions[next];
    if (known.count != count || known.extra != extra) {
      fail(
          Finding::nondeterministic,
          "under the same schedule the scenario did not do the same at T%d's event %u: it reads a real clock, "
          "addresses, random numbers, or state that outlives an execution",
          r.current->id, r.current->events);
    }
    if (known.taken == 0 && preempts) r.current->let_go_on = next;
    return known.taken;
  }
  if (next == kMaxDecisions) fail(Finding::limit, "more than %d decisions in one execution", kMaxDecisions);
  r.decisions[next] = {static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(extra), 0,
                       !(preempts && r.reducing)};
  if (preempts) r.current->let_go_on = next;
  r.decision_count = next + 1;
  return 0;
}

int choose_by_priority(const Offer& offer) noexcept {
  if (offer.kind != 't') return static_cast<int>(draw() % static_cast<unsigned>(offer.count + offer.extra));
  if (offer.extra > 0 && draw() % kOneSurpriseIn == 0) {
    return offer.count + static_cast<int>(draw() % static_cast<unsigned>(offer.extra));
  }
  int best = 0;
  for (int i = 1; i < offer.count; ++i) {
    const Thread* const threads = runtime->threads;
    if (threads[offer.threads[i]].priority > threads[offer.threads[best]].priority) best = i;
  }
  return best;
}

int choose_as_told(const Offer& offer) noexcept {
  Runtime& r = *runtime;
  for (int i = 0; i < r.replayed_count; ++i) {
    Switch& told = r.replayed[i];
    if (told.used || told.thread != r.current->id || told.event != r.current->events ||
        told.kind != offer.kind)
      continue;
    for (int k = 0; k < offer.count + offer.extra; ++k) {
      if (offer.threads[k] != told.choice) continue;
      told.used = true;
      ++r.replayed_used;
      return k;
    }
  }
  return 0;
}

void note_switch(const Offer& offer, int taken) noexcept {
  Runtime& r = *runtime;
  r.preemptions += offer.cost + (taken >= offer.count ? 1 : 0);
  if (r.switch_count == kMaxSwitches) {
    r.switches_overflow = true;
    return;
  }
  r.switches[r.switch_count++] = {offer.kind, static_cast<std::uint8_t>(r.current->id), offer.threads[taken],
                                  r.current->events, false};
}

// The last decision with something left to try takes it, and what came after it is forgotten.
bool step_back() noexcept {
  Runtime& r = *runtime;
  for (; r.decision_count > 0; --r.decision_count) {
    Decision& last = r.decisions[r.decision_count - 1];
    if (last.matters && last.taken + 1 < last.count + last.extra) {
      ++last.taken;
      return true;
    }
  }
  return false;
}

}  // namespace

int choose(const Offer& offer) noexcept {
  int taken = 0;
  // Rescue is no part of the schedule: what matters of it is whether it can end well.
  if (runtime->rescued != 0) return 0;
  // A place is named by its thread and event: several choices between two scheduling points need several names.
  if (offer.kind != 't') ++runtime->current->events;
  switch (runtime->plan.mode) {
    case Mode::depth_first:
      taken = choose_by_depth(offer);
      break;
    case Mode::priorities:
      taken = choose_by_priority(offer);
      break;
    case Mode::random: {
      const bool surprise = offer.extra > 0 && draw() % kOneSurpriseIn == 0;
      taken = static_cast<int>(draw() % static_cast<unsigned>(offer.count + (surprise ? offer.extra : 0)));
      break;
    }
    case Mode::replay:
      taken = choose_as_told(offer);
      break;
  }
  if (taken != 0) note_switch(offer, taken);
  return taken;
}

void lower_priority_at_change_point() noexcept {
  Runtime& r = *runtime;
  if (r.plan.mode != Mode::priorities) return;
  for (int i = 0; i + 1 < r.plan.depth; ++i) {
    if (r.change_points[i] == r.steps) r.current->priority = -(i + 1);
  }
}

long fresh_priority() noexcept {
  return 1 + static_cast<long>(draw() % kHighPriority);
}

void begin_decisions() noexcept {
  Runtime& r = *runtime;
  r.decision_next = r.preemptions = r.switch_count = r.replayed_used = 0;
  r.switches_overflow = false;
  for (int i = 0; i < r.replayed_count; ++i) r.replayed[i].used = false;
  r.steps = 0;
  r.random = (r.plan.seed + r.executions) * 0x9E3779B97F4A7C15ULL + 0x1234567U;
  if (r.random == 0) r.random = 1;
  draw();
  draw();
  if (r.plan.mode != Mode::priorities) return;
  if (r.steps_expected == 0) r.steps_expected = kFirstGuessOfSteps;
  for (int i = 0; i + 1 < r.plan.depth; ++i) {
    r.change_points[i] = 1 + static_cast<std::uint32_t>(draw() % r.steps_expected);
  }
}

void next_decisions() noexcept {
  Runtime& r = *runtime;
  if (r.plan.mode == Mode::depth_first && r.decision_next < r.decision_count) {
    fail(Finding::nondeterministic,
         "under the same schedule the scenario ended before it came to decision %d", r.decision_next + 1);
  }
  if (r.steps > r.steps_expected) r.steps_expected = r.steps;
  if (r.plan.mode == Mode::replay || r.executions >= r.plan.executions) {
    r.finished = true;
  } else if (r.executions % kClockEvery == 0 && real_time_ns() > r.plan.deadline_ns) {
    r.finished = true;
  }
  if (r.plan.mode == Mode::depth_first && !step_back()) {
    r.finished = true;
    r.exhausted = !r.cut;
  }
}

}  // namespace crosstalk::harness::explore
