// What a driver does between two operations: work outside the server, so that locks are met at intervals and not back to
// back. It occupies the processor, not the clock: what is preempted takes up where it was. Lengths are drawn uniformly from
// 0 to twice the mean, for after a constant gap drivers fall into step with each other, and a lock is fast or slow
// depending on how they happen to.
//
// It is no part of an operation: neither service nor response holds any of it.
#pragma once

#include <cstdint>

#include "harness/clock.h"
#include "harness/trial_input.h"
#include "workloads/random.h"

namespace crosstalk::harness {

// For one thread.
class OutsideWork {
 public:
  // Of driver `index`.
  OutsideWork(const TrialInput& input, unsigned index) noexcept;

  [[nodiscard]] bool any() const noexcept { return longest_ > 0; }
  // Once. In virtual time a step is a nanosecond.
  void work() noexcept;

  // How many steps of the work this processor does in a nanosecond when nobody disturbs it. Takes half a millisecond.
  [[nodiscard]] static double steps_per_ns(const Clock& clock) noexcept;

 private:
  workloads::RandomStream random_;
  std::uint64_t longest_;  // steps
  VirtualTime* time_;
};

}  // namespace crosstalk::harness
