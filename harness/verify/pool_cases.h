// How a thread pool is tried: drills at its beginning and end, where most pools have their bugs, and rounds of a fresh pool each.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/verify/case_run.h"
#include "pool/contracts.h"
#include "pool/executor/executor.h"
#include "pool/executor/pool_options.h"

namespace crosstalk::harness::verify {

struct AnyPool {
  std::function<std::unique_ptr<pool::WorkerPool>(const pool::PoolOptions&)> make;
  pool::PoolContract contract;
};

[[nodiscard]] std::vector<VerifyCase> pool_cases(const AnyPool& any);

void drill_pool(CaseRun& run, const AnyPool& any);   // pool_drills.cpp
void stress_pool(CaseRun& run, const AnyPool& any);  // pool_stress.cpp
void breathe_pool(CaseRun& run, const AnyPool& any);
void race_shutdown(CaseRun& run, const AnyPool& any);

}  // namespace crosstalk::harness::verify
