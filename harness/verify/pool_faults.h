// How a thread pool is tried that promises more than to run its tasks: callbacks, deadlines, policies for a full queue, ends of all kinds, and
// threads that the system does not give.
//
// Contract: what a callback throws is counted and harms nobody; a task that overruns its deadline is told of once, and its result is
// discarded; a full queue does what its policy says, and a worker that posts into its own never waits; shutdown() returns to each of
// several callers after the end, in a task it is an error; shutdown_now() hands back what it does not run; with fewer threads than
// asked for the pool works, with none it throws std::system_error. All of it is in the books.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "harness/verify/case_run.h"
#include "pool/executor/executor.h"
#include "pool/executor/pool_options.h"

namespace crosstalk::harness::verify {

class PoolWithFaults {
 public:
  struct Watched {
    std::function<void()> task{};
    std::chrono::nanoseconds timeout{};  // 0: none
    std::function<void()> on_success{};
    std::function<void(std::exception_ptr)> on_error{};
  };
  virtual ~PoolWithFaults() = default;
  virtual void submit(Watched watched) = 0;
  // Ends it without running what is queued; how many tasks it hands back.
  virtual std::size_t shutdown_now() = 0;
  [[nodiscard]] virtual pool::WorkerPool& pool() = 0;
};
struct AnyFaultPool {
  std::function<std::unique_ptr<PoolWithFaults>(const pool::PoolOptions&)> make;
};

[[nodiscard]] std::vector<VerifyCase> pool_fault_cases(const AnyFaultPool& any);

void drill_pool_ends(CaseRun& run, const AnyFaultPool& any);     // pool_ends.cpp
void drill_pool_threads(CaseRun& run, const AnyFaultPool& any);  // pool_ends.cpp
void drill_full_queues(CaseRun& run, const AnyFaultPool& any);   // full_queue_drills.cpp

}  // namespace crosstalk::harness::verify
