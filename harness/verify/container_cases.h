// How containers are tried: few hot keys, all threads on all of them, short histories of fresh objects.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/verify/any_cache.h"
#include "harness/verify/any_counter.h"
#include "harness/verify/any_map.h"
#include "harness/verify/case_run.h"
#include "harness/verify/outcome.h"

namespace crosstalk::harness::verify {

// Histories that were judged, and those that were too wide to be: a case of which none was judged has shown nothing.
struct JudgedCells {
  explicit JudgedCells(CaseRun& run)
      : judged(run.cell("history judged")), unknown(run.cell("history too wide to judge", true)) {}
  void count(CaseRun& run, Verdict verdict) const {
    run.count(verdict == Verdict::inconclusive ? unknown : judged);
  }
  std::size_t judged, unknown;
};

[[nodiscard]] std::vector<VerifyCase> map_cases(const AnyMap& map);          // map_cases.cpp
[[nodiscard]] std::vector<VerifyCase> counter_cases(const AnyCounter& one);  // counter_cases.cpp
[[nodiscard]] std::vector<VerifyCase> cache_cases(const AnyCache& one);      // cache_cases.cpp

}  // namespace crosstalk::harness::verify
