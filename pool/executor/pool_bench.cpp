// The thread pool on empty tasks: workers x submitters. One iteration is one task, from post to done.
#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

constexpr int kBatch = 20'000;

void pool_empty_tasks(benchmark::State& state) {
  ThreadPool::Options options;
  options.workers = static_cast<unsigned>(state.range(0));
  ThreadPool pool(options);
  const auto submitters = static_cast<int>(state.range(1));
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (int s = 0; s < submitters; ++s) {
      threads.emplace_back([&] {
        for (int i = 0; i < kBatch; ++i) pool.post(Task([] {}), static_cast<Priority>(i % 4));
      });
    }
    for (auto& thread : threads) thread.join();
    pool.wait_idle();
  }
  state.SetItemsProcessed(state.iterations() * kBatch * submitters);
}
BENCHMARK(pool_empty_tasks)
    ->ArgNames({"workers", "submitters"})
    ->ArgsProduct({{2, 4}, {1, 2, 8}})
    ->UseRealTime();

void strand_tasks(benchmark::State& state) {
  ThreadPool pool({});
  Strand strand(pool);
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) strand.post(Task([] {}), Priority::normal);
    pool.wait_idle();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(strand_tasks)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
