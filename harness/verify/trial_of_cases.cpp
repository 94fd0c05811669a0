#include "harness/verify/trial_of_cases.h"

#include <algorithm>

#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

namespace {

constexpr double kMoment = 0.15;  // of a case's share, in the first pass

void add_cells(CaseEnd& sum, const CaseEnd& more) {
  for (const CellCount& cell : more.cells) {
    const auto same = std::find_if(sum.cells.begin(), sum.cells.end(),
                                   [&](const CellCount& c) { return c.name == cell.name; });
    if (same == sum.cells.end()) {
      sum.cells.push_back(cell);
    } else {
      same->count += cell.count;
    }
  }
}

// What both passes of a case came to; `later` is not a failure.
void join(CaseOutcome& sum, const CaseEnd& later) {
  add_cells(sum.outcome, later);
  sum.outcome.rounds += later.rounds;
  sum.outcome.operations_done += later.operations_done;
  sum.outcome.seconds += later.seconds;
  if (sum.outcome.complete && !later.complete) sum.outcome.detail = later.detail;
  sum.outcome.complete = sum.outcome.complete && later.complete;
  if (sum.outcome.complete) {
    judge_cells(sum.outcome);
  } else {
    sum.outcome.verdict = Verdict::inconclusive;
  }
}

}  // namespace

const CaseOutcome* ComponentOutcome::failed() const noexcept {
  const auto found = std::find_if(cases.begin(), cases.end(), [](const CaseOutcome& one) {
    return one.outcome.verdict == Verdict::fail;
  });
  return found == cases.end() ? nullptr : &*found;
}

ComponentOutcome run_cases(const std::vector<VerifyCase>& cases, const CaseOptions& options,
                           const std::atomic<bool>* stop) {
  ComponentOutcome all;
  double shares = 0;
  for (const VerifyCase& one : cases) shares += one.share;
  for (const double part : {kMoment, 1 - kMoment}) {
    const bool first = part == kMoment;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      CaseOptions mine = options;
      mine.seconds = options.seconds * cases[i].share / shares * part;
      if (!first) mine.first_round = options.first_round + all.cases[i].outcome.rounds;
      CaseEnd outcome = run_case(cases[i], mine, stop);
      all.seconds += outcome.seconds;
      const bool failed = outcome.verdict == Verdict::fail;
      if (first || failed) {
        CaseOutcome entry{cases[i].name, mine, std::move(outcome)};
        first ? all.cases.push_back(std::move(entry)) : void(all.cases[i] = std::move(entry));
      } else {
        join(all.cases[i], outcome);
      }
      // relaxed: a hint.
      if (failed || (stop != nullptr && stop->load(std::memory_order_relaxed))) {
        all.verdict = failed ? Verdict::fail : Verdict::inconclusive;
        return all;
      }
    }
  }
  const bool open = std::any_of(all.cases.begin(), all.cases.end(),
                                [](const CaseOutcome& one) { return one.outcome.verdict != Verdict::pass; });
  if (open) all.verdict = Verdict::inconclusive;
  return all;
}

}  // namespace crosstalk::harness::verify
