// Locks: uncontended cost, and contention with work inside and outside the critical section.
// The outside work grows with the number of threads, as in Abseil's benchmark: otherwise a lock that blocks everybody
// else wins by letting one thread run alone. It is random, since equal steps let threads fall into a rhythm.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "pool/bench_pin.h"
#include "pool/builtin.h"
#include "pool/guarded.h"

namespace crosstalk::pool {
namespace {

void work(std::uint32_t steps) {
  for (std::uint32_t i = 0; i < steps; ++i) benchmark::DoNotOptimize(i);
}

template <class L>
void uncontended(benchmark::State& state) {
  L lock;
  for (auto _ : state) {
    lock.lock();
    benchmark::ClobberMemory();
    lock.unlock();
  }
}

template <class L>
void uncontended_shared(benchmark::State& state) {
  L lock;
  for (auto _ : state) {
    lock.lock_shared();
    benchmark::ClobberMemory();
    lock.unlock_shared();
  }
}

template <class L>
void contended(benchmark::State& state) {
  static L lock;
  const BenchPin pin(state.thread_index());
  const auto inside = static_cast<std::uint32_t>(state.range(0));
  const auto outside =
      static_cast<std::uint32_t>(state.range(1)) * static_cast<std::uint32_t>(state.threads());
  std::uint32_t random = static_cast<std::uint32_t>(state.thread_index()) * 2654435761U + 1;
  for (auto _ : state) {
    lock.lock();
    work(inside);
    lock.unlock();
    random = random * 1664525U + 1013904223U;
    work(static_cast<std::uint32_t>((std::uint64_t{random >> 8} * 2 * outside) >> 24));
  }
  state.SetItemsProcessed(state.iterations());
}

// Readers and writers of one cell, nothing between: reads of 100 turns are shared.
template <class L>
void readers_and_writers(benchmark::State& state) {
  static Guarded<std::uint64_t, L> cell(std::uint64_t{0});
  const BenchPin pin(state.thread_index());
  const auto reads = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t i = static_cast<std::uint64_t>(state.thread_index()) * 50;
  for (auto _ : state) {
    if (++i * 37 % 100 < reads) {  // 37 and 100 have no common divisor: each residue once in 100 turns
      benchmark::DoNotOptimize(std::as_const(cell).read([](const std::uint64_t& value) { return value; }));
    } else {
      cell.write([](std::uint64_t& value) { return ++value; });
    }
  }
  state.SetItemsProcessed(state.iterations());
}

template <class L>
void register_lock(std::string_view name) {
  const std::string suffix = "/" + std::string(name);
  benchmark::RegisterBenchmark(("lock_uncontended" + suffix).c_str(), uncontended<L>);
  if constexpr (SharedLock<L>) {
    benchmark::RegisterBenchmark(("lock_uncontended_shared" + suffix).c_str(), uncontended_shared<L>);
  }
  if constexpr (!kContractOf<L>.one_thread) {
    auto* bench = benchmark::RegisterBenchmark(("lock_contended" + suffix).c_str(), contended<L>);
    bench->ArgNames({"inside", "outside"})->Args({50, 100})->UseRealTime();
    for (const int threads : {1, 2, 4, 16}) bench->Threads(threads);
    if constexpr (SharedLock<L>) {
      auto* mixed =
          benchmark::RegisterBenchmark(("lock_read_write" + suffix).c_str(), readers_and_writers<L>);
      mixed->ArgName("reads")->Arg(95)->Arg(50)->UseRealTime();
      for (const int threads : {1, 2, 4}) mixed->Threads(threads);
    }
  }
}

const int registered = [] {
  for_each_builtin_lock([]<class L>(std::string_view name) { register_lock<L>(name); });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
