// Checks the history of a queue whose values are all different. What makes such a history wrong is one of a few patterns
// (Henzinger, Sezgin, Vafeiadis, "Aspect-Oriented Linearizability Proofs", CONCUR 2013), which are found in O(n log n) for n operations:
//
//   no invention        popped, and never pushed, or pushed only later
//   no duplication      popped twice
//   no loss             pushed, and never popped; the queue has been drained
//   first in, first out pushed before another one, popped after it
//   no false empty      "empty", though at each moment of that call some value, not always the same, had been pushed and nobody had
//                       begun to pop it. The paper's pattern is wider: it also follows from the order of the values that one
//                       was still there. Such a case is missed, none is invented
//   no false full       "full", though at no moment of that call as many as `capacity` values can have been in it
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/verify/any_queue.h"

namespace crosstalk::harness::verify {

// One value pushed or popped, or the answer that the queue was full or empty. Times are ticks.
struct QueueOp {
  std::uint64_t call = 0;
  std::uint64_t ret = 0;
  std::uint64_t value = 0;
  bool push = false;
  bool done = false;  // pushed, popped; else full, empty
  unsigned thread = 0;
  std::uint32_t place = 0;  // in what one call has popped
};

struct QueueFinding {
  std::string property;  // empty: nothing was found
  std::string detail;
};

// `skew_ticks`: every interval is made longer by this at both ends. `capacity` 0: no limit. The operations are complete: nobody was
// inside a call when the recording ended, and the queue was empty.
[[nodiscard]] QueueFinding judge_queue(std::vector<QueueOp> ops, const QueueContract& contract,
                                       std::size_t capacity, std::uint64_t skew_ticks = 0);

}  // namespace crosstalk::harness::verify
