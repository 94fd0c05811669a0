// The map over locks, shards, read shares and skew. Keys are drawn before the timing; threads are pinned. Beside peers, and with keys that
// come and go: map_churn_bench.cpp.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pool/bench_pin.h"
#include "pool/builtin.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/flat_map.h"

namespace crosstalk::pool {
namespace {

using Value = std::array<std::uint64_t, 8>;
constexpr std::uint64_t kKeys = 10'000;
constexpr std::uint64_t kHotKeys = 4;

// Uniform, or nine of ten accesses to the few hot keys.
std::vector<std::uint64_t> map_bench_keys(int thread, bool hot) {
  std::vector<std::uint64_t> keys(1 << 16);
  std::uint64_t random = static_cast<std::uint64_t>(thread) * 0x9E3779B97F4A7C15ULL + 1;
  for (std::uint64_t& key : keys) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t drawn = random >> 33;
    key = hot && drawn % 10 != 0 ? (drawn / 10) % kHotKeys : drawn % kKeys;
  }
  return keys;
}

using FlatMapOfValues = FlatMap<std::uint64_t, Value>;

template <class L, std::size_t shards>
struct MapOf : ConcurrentMap<std::uint64_t, Value, L> {
  MapOf() : ConcurrentMap<std::uint64_t, Value, L>(shards) {}
};

template <class Map>
void map_mix(benchmark::State& state) {
  static Map map;
  const BenchPin pin(state.thread_index());
  const auto reads = static_cast<std::uint64_t>(state.range(0));
  if (state.thread_index() == 0) {
    for (std::uint64_t key = 0; key < kKeys; ++key) map.set(key, Value{});
  }
  const auto keys = map_bench_keys(state.thread_index(), state.range(1) != 0);
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::uint64_t key = keys[i++ & (keys.size() - 1)];
    if (i * 37 % 100 < reads) {  // 37 and 100 have no common divisor: each residue once in 100 turns
      benchmark::DoNotOptimize(map.get(key));
    } else {
      map.set(key, Value{i});
    }
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Map>
void map_register(const std::string& name) {
  auto* bench = benchmark::RegisterBenchmark(("map_mix/" + name).c_str(), map_mix<Map>);
  bench->ArgNames({"reads", "hot"})->UseRealTime();
  for (const int reads : {95, 50}) bench->Args({reads, 0})->Args({reads, 1});
  for (const int threads : {1, 2}) bench->Threads(threads);
}

const int map_registered = [] {
  for_each_lock_of<SampleLocks>([]<class L>(std::string_view lock) {
    if constexpr (!kContractOf<L>.one_thread) {
      map_register<MapOf<L, 1>>("coarse/" + std::string(lock));
      map_register<MapOf<L, 64>>("sharded/" + std::string(lock));
    }
  });
  map_register<FlatMapOfValues>("flat");
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
