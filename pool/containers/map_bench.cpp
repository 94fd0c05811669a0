// The map over locks, shards, read shares and skew. Keys are drawn before the timing.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "pool/builtin.h"
#include "pool/containers/concurrent_map.h"

namespace crosstalk::pool {
namespace {

using Value = std::array<std::uint64_t, 8>;
constexpr std::uint64_t kKeys = 10'000;

// k = n * u^4: half of all accesses go to a sixteenth of the keys.
std::vector<std::uint64_t> skewed_keys(int thread) {
  std::vector<std::uint64_t> keys(1 << 16);
  std::uint64_t random = static_cast<std::uint64_t>(thread) * 0x9E3779B97F4A7C15ULL + 1;
  for (std::uint64_t& key : keys) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const double u = static_cast<double>(random >> 11) * 0x1.0p-53;
    key = static_cast<std::uint64_t>(static_cast<double>(kKeys) * u * u * u * u);
  }
  return keys;
}

template <class L>
void map_mix(benchmark::State& state) {
  static ConcurrentMap<std::uint64_t, Value, L> coarse(1);
  static ConcurrentMap<std::uint64_t, Value, L> sharded(64);
  auto& map = state.range(0) == 1 ? coarse : sharded;
  const auto reads = static_cast<std::uint64_t>(state.range(1));
  if (state.thread_index() == 0) {
    for (std::uint64_t key = 0; key < kKeys; ++key) map.set(key, Value{});
  }
  const auto keys = skewed_keys(state.thread_index());
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

const int registered = [] {
  for_each_builtin_lock([]<class L>(std::string_view name) {
    if constexpr (!kContractOf<L>.one_thread) {
      auto* bench = benchmark::RegisterBenchmark(("map_mix/" + std::string(name)).c_str(), map_mix<L>);
      bench->ArgNames({"shards", "reads"})->UseRealTime();
      for (const int shards : {1, 64}) bench->Args({shards, 95})->Args({shards, 50});
      for (const int threads : {1, 2}) bench->Threads(threads);
    }
  });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
