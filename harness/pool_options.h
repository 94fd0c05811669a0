// The thread pool of the pooled path, as a trial asks for it.
#pragma once

#include <memory>

#include "harness/placement.h"
#include "harness/trial_input.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

[[nodiscard]] inline pool::ThreadPool::Options pool_options(const TrialInput& input) {
  pool::ThreadPool::Options options = pool::ThreadPool::Options::fixed(input.options.workers);
  options.capacity = input.options.queue_capacity;
  options.policy = input.options.queue_policy;
  options.name = "worker";
  options.on_worker_start = [cpus = input.worker_cpus](unsigned index) {
    if (index < cpus.size()) pin_this_thread(cpus[index]);
  };
  return options;
}

[[nodiscard]] inline std::unique_ptr<pool::WorkerPool> make_pool(const TrialInput& input) {
  if (input.make_pool != nullptr) return input.make_pool(pool_options(input));
  return std::make_unique<pool::ThreadPool>(pool_options(input));
}

}  // namespace crosstalk::harness
