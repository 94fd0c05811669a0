// Counters and the set: one hot counter, and a set with few hot items. Threads are pinned.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "pool/bench_pin.h"
#include "pool/builtin.h"
#include "pool/containers/concurrent_set.h"
#include "pool/containers/counter.h"

namespace crosstalk::pool {
namespace {

template <class C>
void counter_add(benchmark::State& state) {
  static C counter;
  const BenchPin pin(state.thread_index());
  for (auto _ : state) {
    if constexpr (requires { counter.increment(1); }) {
      benchmark::DoNotOptimize(counter.increment(1));
    } else {
      counter.add(1);
    }
  }
  state.SetItemsProcessed(state.iterations());
}

template <class L>
void set_churn(benchmark::State& state) {
  static ConcurrentSet<std::uint64_t, L> set;
  const BenchPin pin(state.thread_index());
  std::uint64_t i = static_cast<std::uint64_t>(state.thread_index());
  for (auto _ : state) {
    const std::uint64_t item = ++i * 0x9E3779B97F4A7C15ULL >> 54;  // of 1,024
    if (i % 10 == 0) {
      set.add(item);
    } else if (i % 10 == 1) {
      set.remove(item);
    } else {
      benchmark::DoNotOptimize(set.contains(item));
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void counter_threads(benchmark::internal::Benchmark* bench) {
  bench->UseRealTime();
  for (const int threads : {1, 2, 4}) bench->Threads(threads);
}

const int counter_registered = [] {
  for_each_lock_of<SampleLocks>([]<class L>(std::string_view lock) {
    if constexpr (!kContractOf<L>.one_thread) {
      const std::string name(lock);
      counter_threads(benchmark::RegisterBenchmark(("counter_add/locked/" + name).c_str(),
                                                   counter_add<LockedCounter<L>>));
      counter_threads(benchmark::RegisterBenchmark(("set_churn/" + name).c_str(), set_churn<L>));
    }
  });
  counter_threads(benchmark::RegisterBenchmark("counter_add/atomic", counter_add<AtomicCounter>));
  counter_threads(benchmark::RegisterBenchmark("counter_add/striped", counter_add<StripedCounter>));
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
