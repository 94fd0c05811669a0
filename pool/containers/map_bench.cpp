// The map over locks, shards, read shares and skew, beside peers. Keys are drawn before the timing; threads are pinned.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#ifdef CROSSTALK_HAS_TBB
#include <tbb/concurrent_hash_map.h>
#endif
#ifdef CROSSTALK_HAS_LIBCUCKOO
#include <libcuckoo/cuckoohash_map.hh>
#endif
#ifdef CROSSTALK_HAS_URCU
#include <urcu/urcu-memb.h>

#include <urcu/rculfhash.h>
#endif

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

// What most servers start with.
class SharedMutexMap {
 public:
  std::optional<Value> get(std::uint64_t key) const {
    const std::shared_lock lock(mutex_);
    const auto found = map_.find(key);
    return found == map_.end() ? std::nullopt : std::optional<Value>(found->second);
  }
  void set(std::uint64_t key, const Value& value) {
    const std::unique_lock lock(mutex_);
    map_.insert_or_assign(key, value);
  }

 private:
  mutable std::shared_mutex mutex_;  // guards map_
  std::unordered_map<std::uint64_t, Value> map_;
};

#ifdef CROSSTALK_HAS_TBB
class TbbMap {
 public:
  std::optional<Value> get(std::uint64_t key) const {
    Map::const_accessor place;
    return map_.find(place, key) ? std::optional<Value>(place->second) : std::nullopt;
  }
  void set(std::uint64_t key, const Value& value) {
    Map::accessor place;
    map_.insert(place, key);
    place->second = value;
  }
  void erase(std::uint64_t key) { map_.erase(key); }

 private:
  using Map = tbb::concurrent_hash_map<std::uint64_t, Value>;
  Map map_;
};
#endif

#ifdef CROSSTALK_HAS_LIBCUCKOO
class CuckooMap {
 public:
  std::optional<Value> get(std::uint64_t key) const {
    Value value;
    return map_.find(key, value) ? std::optional<Value>(value) : std::nullopt;
  }
  void set(std::uint64_t key, const Value& value) { map_.insert_or_assign(key, value); }
  void erase(std::uint64_t key) { map_.erase(key); }

 private:
  libcuckoo::cuckoohash_map<std::uint64_t, Value> map_;
};
#endif

#ifdef CROSSTALK_HAS_URCU
// Values are replaced with their nodes, and freed after a grace period.
class UrcuMap {
 public:
  UrcuMap() = default;
  UrcuMap(const UrcuMap&) = delete;
  UrcuMap& operator=(const UrcuMap&) = delete;
  ~UrcuMap() {
    const Registered here;
    cds_lfht_iter place;
    urcu_memb_read_lock();
    for (cds_lfht_first(table_, &place); cds_lfht_node* const node = cds_lfht_iter_get_node(&place);) {
      cds_lfht_next(table_, &place);
      if (cds_lfht_del(table_, node) == 0) urcu_memb_call_rcu(&node_of(node).retired, destroy);
    }
    urcu_memb_read_unlock();
    cds_lfht_destroy(table_, nullptr);
  }
  std::optional<Value> get(std::uint64_t key) const {
    const Registered here;
    urcu_memb_read_lock();
    cds_lfht_node* const node = find(key);
    std::optional<Value> found;
    if (node != nullptr) found = node_of(node).value;
    urcu_memb_read_unlock();
    return found;
  }
  void set(std::uint64_t key, const Value& value) {
    const Registered here;
    auto* const fresh = new Node{{}, {}, key, value};
    cds_lfht_node_init(&fresh->link);
    urcu_memb_read_lock();
    cds_lfht_node* const old = cds_lfht_add_replace(table_, mix(key), equal, &key, &fresh->link);
    urcu_memb_read_unlock();
    if (old != nullptr) urcu_memb_call_rcu(&node_of(old).retired, destroy);
  }
  void erase(std::uint64_t key) {
    const Registered here;
    urcu_memb_read_lock();
    cds_lfht_node* const node = find(key);
    const bool mine = node != nullptr && cds_lfht_del(table_, node) == 0;
    urcu_memb_read_unlock();
    if (mine) urcu_memb_call_rcu(&node_of(node).retired, destroy);
  }

 private:
  struct Node {
    cds_lfht_node link;
    rcu_head retired;
    std::uint64_t key;
    Value value;
  };
  // Once a thread; what follows costs a look at a flag.
  struct Registered {
    Registered() {
      struct Registration {
        Registration() { urcu_memb_register_thread(); }
        ~Registration() { urcu_memb_unregister_thread(); }
      };
      static thread_local const Registration registration;
      benchmark::DoNotOptimize(&registration);
    }
  };
  static Node& node_of(cds_lfht_node* link) { return *reinterpret_cast<Node*>(link); }
  static int equal(cds_lfht_node* link, const void* key) {
    return node_of(link).key == *static_cast<const std::uint64_t*>(key) ? 1 : 0;
  }
  static void destroy(rcu_head* head) {
    delete reinterpret_cast<Node*>(reinterpret_cast<char*>(head) - offsetof(Node, retired));
  }
  [[nodiscard]] cds_lfht_node* find(std::uint64_t key) const {
    cds_lfht_iter place;
    cds_lfht_lookup(table_, mix(key), equal, &key, &place);
    return cds_lfht_iter_get_node(&place);
  }

  cds_lfht* table_ = cds_lfht_new_flavor(1024, 1, 0, CDS_LFHT_AUTO_RESIZE, &urcu_memb_flavor, nullptr);
};
#endif

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

// Zipf 0.99 or uniform; which key has which rank is shuffled, and the same for all threads.
std::vector<std::uint64_t> map_churn_keys(int thread, std::uint64_t keys, bool zipf) {
  std::vector<double> weights(keys);
  double sum = 0;
  for (std::uint64_t i = 0; i < keys; ++i)
    weights[i] = sum += zipf ? std::pow(static_cast<double>(i + 1), -0.99) : 1;
  std::vector<std::uint64_t> drawn(1 << 20);
  std::mt19937_64 random(static_cast<std::uint64_t>(thread) + 1);
  std::uniform_real_distribution<double> chance(0, sum);
  for (std::uint64_t& key : drawn) {
    const auto rank = std::lower_bound(weights.begin(), weights.end(), chance(random)) - weights.begin();
    key = mix(std::min(static_cast<std::uint64_t>(rank), keys - 1));
  }
  return drawn;
}

// All keys are there at first. Of the writes each second one erases, and the next one sets what was erased.
template <class Map>
void map_churn(benchmark::State& state) {
  static std::unique_ptr<Map> map;
  const BenchPin pin(state.thread_index());
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const auto reads = static_cast<std::uint64_t>(state.range(1));
  if (state.thread_index() == 0) {
    map = std::make_unique<Map>();
    for (std::uint64_t key = 0; key < keys; ++key) map->set(mix(key), Value{key});
  }
  const auto drawn = map_churn_keys(state.thread_index(), keys, state.range(2) != 0);
  std::optional<std::uint64_t> erased;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::uint64_t key = drawn[i++ & (drawn.size() - 1)];
    if (mix(i) % 100 < reads) {
      benchmark::DoNotOptimize(map->get(key));
    } else if (erased) {
      map->set(*erased, Value{i});
      erased.reset();
    } else {
      map->erase(key);
      erased = key;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Map>
void map_register_churn(const std::string& name) {
  auto* bench = benchmark::RegisterBenchmark(("map_churn/" + name).c_str(), map_churn<Map>);
  bench->ArgNames({"keys", "reads", "zipf"})->UseRealTime();
  bench->ArgsProduct({{10'000, 1'000'000}, {95, 50}, {0, 1}});
  for (const int threads : {1, 2, 4, 8}) bench->Threads(threads);
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
  map_register_churn<FlatMapOfValues>("flat");
  map_register_churn<MapOf<std::mutex, 64>>("sharded/std_mutex");
  map_register<SharedMutexMap>("peer/unordered_map+shared_mutex");
#ifdef CROSSTALK_HAS_TBB
  map_register<TbbMap>("peer/tbb_concurrent_hash_map");
  map_register_churn<TbbMap>("peer/tbb_concurrent_hash_map");
#endif
#ifdef CROSSTALK_HAS_LIBCUCKOO
  map_register<CuckooMap>("peer/libcuckoo");
  map_register_churn<CuckooMap>("peer/libcuckoo");
#endif
#ifdef CROSSTALK_HAS_URCU
  map_register<UrcuMap>("peer/urcu_lfht");
  map_register_churn<UrcuMap>("peer/urcu_lfht");
#endif
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
