// Decisions: which of the possible goes on happens, by depth-first search with a bound on preemptions, by priorities that change
// at random points (PCT: Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010), at random, or as a replay says.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// What is possible; the first is the usual. `extra` more stand behind `count`: surprises, which cost one preemption more.
struct Offer {
  char kind = 't';
  int cost = 0;  // preemptions, of anything but the first
  int count = 0;
  int extra = 0;
  std::uint8_t threads[2 * kMaxThreads] = {};

  void add(int choice) noexcept { threads[count++] = static_cast<std::uint8_t>(choice); }
  void add_extra(int choice) noexcept { threads[count + extra++] = static_cast<std::uint8_t>(choice); }
};

// The index of what happens.
[[nodiscard]] int choose(const Offer& offer) noexcept;

void lower_priority_at_change_point() noexcept;
[[nodiscard]] long fresh_priority() noexcept;

// Before an execution and after one that found nothing; the latter sets `finished` after the last.
void begin_decisions() noexcept;
void next_decisions() noexcept;

}  // namespace crosstalk::harness::explore
