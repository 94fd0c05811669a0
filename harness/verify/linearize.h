// Is a history linearizable: can every operation be put at one instant between its call and its return so that the object, one
// operation after the other, answers as it did?
//
// After Wing and Gong (1993) and Lowe (2017): calls and returns are taken in the order of time; what is known is the set of
// configurations that the object may be in, a state together with which of the pending operations have taken effect. At a return
// only those remain in which the operation has. So memory depends on how many operations overlap and not on the length of the
// history, and one of a million operations is checked as it comes. An operation that never returned may or may not have happened.
//
// With c operations that overlap there are at most 2^c configurations a state. Beyond `configurations_most` it is not known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/verify/event_log.h"
#include "harness/verify/outcome.h"

namespace crosstalk::harness::verify {

using ModelState = std::int64_t;

// Says what the object does with an operation in a state: false, if it would have answered otherwise than the event says; else
// true, and `state` is the state afterwards.
using KeyModel = bool (*)(ModelState& state, const Event& event);

struct LinearizeOptions {
  std::size_t configurations_most = 100'000;
  std::uint64_t skew_ticks = 0;    // every interval is made longer by this at both ends
  std::function<void()> on_key{};  // called when a key has been judged: a history may take long
};

struct LinearizeResult {
  Verdict verdict = Verdict::pass;
  Event culprit;           // the operation whose return no order explains
  std::size_t widest = 1;  // the most configurations there were
};

// Of one object, whose history begins in state `begin`. `events`: of fewer than 64 threads, in any order.
[[nodiscard]] LinearizeResult linearize(const std::vector<Event>& events, ModelState begin, KeyModel model,
                                        const LinearizeOptions& options = {});

// The same for an object whose operations on different keys have nothing to do with each other: by Herlihy and Wing's locality each
// key alone. The worst of their results.
[[nodiscard]] LinearizeResult linearize_by_key(const std::vector<Event>& events, ModelState begin,
                                               KeyModel model, const LinearizeOptions& options = {});

// The operations that overlap the culprit, and the last few before it, as columns.
[[nodiscard]] std::string around(const std::vector<Event>& events, const Event& culprit, bool same_key);

}  // namespace crosstalk::harness::verify
