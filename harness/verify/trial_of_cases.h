// Runs the cases of one component within a time: first each for a moment, since most bugs show at once, then each for its share.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/verify/case_run.h"
#include "harness/verify/outcome.h"

namespace crosstalk::harness::verify {

struct CaseOutcome {
  std::string name;
  CaseOptions options;  // with which it came to this
  CaseEnd outcome;
};

struct ComponentOutcome {
  Verdict verdict = Verdict::pass;
  std::vector<CaseOutcome> cases;  // one a case; up to the one that failed
  double seconds = 0;

  // The case that failed; null: none did.
  [[nodiscard]] const CaseOutcome* failed() const noexcept;
};

// `options.seconds` is for all of them together. Ends with the first that fails.
[[nodiscard]] ComponentOutcome run_cases(const std::vector<VerifyCase>& cases, const CaseOptions& options,
                                         const std::atomic<bool>* stop = nullptr);

}  // namespace crosstalk::harness::verify
