#include "harness/verify/shrink.h"

#include <utility>

#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

CaseOutcome shrink(const VerifyCase& one, const CaseOutcome& failure, double seconds,
                   const std::atomic<bool>* stop) {
  // Smallest first: the first that fails is the answer.
  constexpr std::pair<std::uint64_t, std::uint64_t> kSizes[] = {{2, 3},  {2, 6},  {3, 6},  {2, 20},
                                                                {3, 20}, {4, 20}, {2, 60}, {3, 60}};
  const bool varies = failure.outcome.threads > 1 && failure.outcome.operations > 1;
  double used = 0;
  for (const auto& [threads, operations] : kSizes) {
    const bool smaller = threads <= failure.outcome.threads && operations < failure.outcome.operations;
    // relaxed: a hint.
    if (!varies || !smaller || used > seconds || (stop != nullptr && stop->load(std::memory_order_relaxed)))
      continue;
    CaseOutcome attempt{failure.name, failure.options, {}};
    attempt.options.seconds = seconds / 8;
    attempt.options.threads = threads;
    attempt.options.operations = operations;
    attempt.options.first_round = 0;
    attempt.outcome = run_case(one, attempt.options, stop);
    used += attempt.outcome.seconds;
    const bool same =
        attempt.outcome.verdict == Verdict::fail && attempt.outcome.property == failure.outcome.property;
    if (same) return attempt;
  }
  return failure;
}

}  // namespace crosstalk::harness::verify
