// Maps under reads and writes that erase, ours beside peers: 8-byte keys, 64-byte values, uniform or Zipf 0.99, in windows of time
// (bench_crew.h).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pool/bench_crew.h"
#include "pool/bench_work.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/flat_map.h"
#include "pool/containers/hashing.h"
#include "pool/containers/peers/native_maps_bench.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::pool {
namespace {

using ChurnValue = std::array<std::uint64_t, 8>;

class ChurnFlatMap : public FlatMap<std::uint64_t, ChurnValue> {
 public:
  explicit ChurnFlatMap(std::size_t keys) { reserve(keys); }
};

template <class L>
class ChurnShardedMap : public ConcurrentMap<std::uint64_t, ChurnValue, L> {
 public:
  explicit ChurnShardedMap(std::size_t keys) : ConcurrentMap<std::uint64_t, ChurnValue, L>(64) {
    this->reserve(keys);
  }
};

// Which key has which rank is shuffled by mix(), so that neighbours in rank are none in the table. Drawn once a process; each thread
// begins at a place of its own.
const std::vector<std::uint32_t>& churn_ranks(std::uint32_t keys, bool zipf) {
  static std::map<std::pair<std::uint32_t, bool>, std::vector<std::uint32_t>> made;
  std::vector<std::uint32_t>& drawn = made[{keys, zipf}];
  if (!drawn.empty()) return drawn;
  std::vector<double> weights(keys);
  double sum = 0;
  for (std::uint32_t i = 0; i < keys; ++i) weights[i] = sum += zipf ? std::pow(i + 1.0, -0.99) : 1;
  drawn.resize(1 << 20);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> chance(0, sum);
  for (std::uint32_t& rank : drawn) {
    const auto place = std::lower_bound(weights.begin(), weights.end(), chance(random));
    rank = std::min(static_cast<std::uint32_t>(place - weights.begin()), keys - 1);
  }
  return drawn;
}

// All keys are there at first. Of a thread's writes each second one erases, and the next one sets what was erased.
template <class Map>
void map_churn(benchmark::State& state) {
  const auto threads = static_cast<unsigned>(state.range(0));
  const auto keys = static_cast<std::uint32_t>(state.range(1));
  const auto reads = static_cast<std::uint32_t>(state.range(2));
  const std::vector<std::uint32_t>& ranks = churn_ranks(keys, state.range(3) != 0);
  Map map(keys);
  for (std::uint32_t rank = 0; rank < keys; ++rank) map.set(mix(rank), ChurnValue{rank});
  bench_run_crew(state, threads, [&](unsigned thread, auto more) {
    BenchRandom random(thread);
    std::size_t at = ranks.size() / threads * thread;
    std::uint64_t erased = 0;
    bool is_out = false;  // `erased` waits to be set again
    while (more()) {
      const std::uint64_t key = mix(ranks[at++ & (ranks.size() - 1)]);
      if (random.below(100) < reads) {
        benchmark::DoNotOptimize(map.get(key));
      } else if (std::exchange(is_out, !is_out)) {
        map.set(erased, ChurnValue{at});
      } else {
        map.erase(key);
        erased = key;
      }
    }
  });
}

template <class Map>
void map_churn_register(const std::string& name) {
  auto* bench = benchmark::RegisterBenchmark(("map_churn/" + name).c_str(), map_churn<Map>);
  bench->ArgNames({"threads", "keys", "reads", "zipf"})->UseManualTime();
  bench->ArgsProduct({{1, 2, 4, 8}, {10'000, 1'000'000}, {95, 50}, {0, 1}});
}

const int map_churn_registered = [] {
  map_churn_register<ChurnFlatMap>("own/flat");
  map_churn_register<ChurnShardedMap<std::mutex>>("own/sharded_std_mutex");
  map_churn_register<ChurnShardedMap<RwLock>>("own/sharded_rw_lock");
  for_each_native_map([]<template <class> class Map>(const char* name) {
    map_churn_register<Map<ChurnValue>>("peer/" + std::string(name));
  });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
