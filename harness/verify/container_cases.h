// How containers are tried: few hot keys, all threads on all of them, short histories of fresh objects.
#pragma once

#include <vector>

#include "harness/verify/any_cache.h"
#include "harness/verify/any_counter.h"
#include "harness/verify/any_map.h"
#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

[[nodiscard]] std::vector<VerifyCase> map_cases(const AnyMap& map);          // map_cases.cpp
[[nodiscard]] std::vector<VerifyCase> counter_cases(const AnyCounter& one);  // counter_cases.cpp
[[nodiscard]] std::vector<VerifyCase> cache_cases(const AnyCache& one);      // cache_cases.cpp

}  // namespace crosstalk::harness::verify
