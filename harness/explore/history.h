// History: what the threads of an explored scenario did, operation by operation, to be judged by the verifier's checker of
// linearizability (harness/verify/linearize.h). Whoever includes this compiles linearize.cpp and event_log.cpp into the scenario.
//
// Its clock counts readings. One thread runs at a time, so the count is exact; and it is hidden from the explorer, as otherwise it
// would be a point of preemption, or order what is looked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/explore/explore.h"
#include "harness/verify/linearize.h"
#include "harness/verify/models.h"

namespace crosstalk::harness::explore {

namespace op {
using namespace verify::op;
inline constexpr const char* kEnqueue = "enqueue";
inline constexpr const char* kDequeue = "dequeue";
}  // namespace op

// A queue of at most 15 numbers from 1 to 15: a digit of base 16 each, the oldest the lowest. An empty one answers verify::kNone.
[[nodiscard]] inline bool queue_model(verify::ModelState& state, const verify::Event& event) {
  constexpr unsigned kDigit = 4;
  if (event.what == op::kEnqueue) {
    unsigned shift = 0;
    while ((state >> shift) != 0) shift += kDigit;
    state |= event.argument << shift;
    return true;
  }
  if (event.what != op::kDequeue) return false;
  if (state == 0) return event.result == verify::kNone;
  const bool right = event.result == (state & 0xF);
  state >>= kDigit;
  return right;
}

class History {
 public:
  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kOperations = 8;  // of each

  // Does the operation, which returns its result as a number, and notes it. `thread`: below kThreads, one for each thread.
  template <class Operation>
  std::int64_t note(unsigned thread, const char* what, std::uint64_t key, std::int64_t argument,
                    Operation&& operation) {
    verify::Event event{.call = instant(), .what = what, .key = key, .argument = argument, .thread = thread};
    event.result = operation();
    event.ret = instant();
    Row& row = rows_[thread];
    require(row.count < kOperations, "the history is longer than it may be");
    row.events[row.count++] = event;
    return event.result;
  }

  // Fails the execution unless some order explains what all threads have seen. After they have been joined.
  void require_linearizable(verify::ModelState begin, verify::KeyModel model) const {
    std::vector<verify::Event> all;
    for (const Row& row : rows_) all.insert(all.end(), row.events.begin(), row.events.begin() + row.count);
    const verify::LinearizeResult result = verify::linearize(std::move(all), begin, model);
    if (result.verdict == verify::Verdict::pass) return;
    const verify::Event& culprit = result.culprit;
    const std::string what = "linearizability: no order explains the answer " +
                             (culprit.result == verify::kNone ? "none" : std::to_string(culprit.result)) +
                             " of " + culprit.what + " on key " + std::to_string(culprit.key) +
                             ", operation " + std::to_string(culprit.call) + " to " +
                             std::to_string(culprit.ret);
    require(false, what.c_str());
  }

 private:
  struct Row {
    std::array<verify::Event, kOperations> events{};
    std::uint8_t count = 0;
  };

  [[gnu::noinline, gnu::no_sanitize_thread]] std::uint64_t instant() noexcept { return ++instants_; }

  std::array<Row, kThreads> rows_;
  std::uint64_t instants_ = 0;
};

}  // namespace crosstalk::harness::explore
