// For benchmarks: maps of other people's libraries that can erase, called as their own documentation has it. The EntryMaps in this folder
// do more, for the sake of the closures that a server runs on an entry; beside ours a peer is to have every advantage.
//
// All have get(key) -> optional, set(key, value), erase(key), and a constructor that takes the number of keys. Keys are hashed
// well already, so that std::hash, which leaves them as they are, does.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

#if CROSSTALK_HAS_TBB
#include <oneapi/tbb/concurrent_hash_map.h>
#endif
#if CROSSTALK_HAS_CUCKOO
#include <libcuckoo/cuckoohash_map.hh>
#endif
#if CROSSTALK_HAS_URCU
#include <urcu/rculfhash.h>
#include <urcu/urcu-bp.h>
#endif

namespace crosstalk::pool {

// What most servers start with.
template <class V>
class BenchSharedMutexMap {
 public:
  explicit BenchSharedMutexMap(std::size_t keys) { map_.reserve(keys); }
  std::optional<V> get(std::uint64_t key) const {
    const std::shared_lock lock(mutex_);
    const auto found = map_.find(key);
    return found == map_.end() ? std::nullopt : std::optional<V>(found->second);
  }
  void set(std::uint64_t key, const V& value) {
    const std::unique_lock lock(mutex_);
    map_.insert_or_assign(key, value);
  }
  void erase(std::uint64_t key) {
    const std::unique_lock lock(mutex_);
    map_.erase(key);
  }

 private:
  mutable std::shared_mutex mutex_;  // guards map_
  std::unordered_map<std::uint64_t, V> map_;
};

#if CROSSTALK_HAS_TBB
template <class V>
class BenchTbbMap {
 public:
  explicit BenchTbbMap(std::size_t keys) : map_(keys) {}
  std::optional<V> get(std::uint64_t key) const {
    typename Map::const_accessor place;
    return map_.find(place, key) ? std::optional<V>(place->second) : std::nullopt;
  }
  void set(std::uint64_t key, const V& value) {
    typename Map::accessor place;
    map_.insert(place, key);
    place->second = value;
  }
  void erase(std::uint64_t key) { map_.erase(key); }

 private:
  using Map = tbb::concurrent_hash_map<std::uint64_t, V>;
  Map map_;
};
#endif

#if CROSSTALK_HAS_CUCKOO
template <class V>
class BenchCuckooMap {
 public:
  explicit BenchCuckooMap(std::size_t keys) : map_(keys) {}
  std::optional<V> get(std::uint64_t key) const {
    V value;
    return map_.find(key, value) ? std::optional<V>(value) : std::nullopt;
  }
  void set(std::uint64_t key, const V& value) { map_.insert_or_assign(key, value); }
  void erase(std::uint64_t key) { map_.erase(key); }

 private:
  libcuckoo::cuckoohash_map<std::uint64_t, V> map_;
};
#endif

#if CROSSTALK_HAS_URCU
// Values are replaced with their nodes, and freed after a grace period.
template <class V>
class BenchUrcuMap {
 public:
  explicit BenchUrcuMap(std::size_t keys)
      : table_(fixed_table(std::bit_ceil(std::max<std::size_t>(keys, 1)))) {}
  BenchUrcuMap(const BenchUrcuMap&) = delete;
  BenchUrcuMap& operator=(const BenchUrcuMap&) = delete;
  ~BenchUrcuMap() {
    urcu_bp_barrier();
    cds_lfht_iter place;
    urcu_bp_read_lock();
    cds_lfht_first(table_, &place);
    while (cds_lfht_node* const link = cds_lfht_iter_get_node(&place)) {
      cds_lfht_next(table_, &place);
      if (cds_lfht_del(table_, link) == 0) retire(link);
    }
    urcu_bp_read_unlock();
    urcu_bp_barrier();
    cds_lfht_destroy(table_, nullptr);
  }
  std::optional<V> get(std::uint64_t key) const {
    urcu_bp_read_lock();
    cds_lfht_node* const link = find(key);
    std::optional<V> found;
    if (link != nullptr) found = static_cast<Node*>(link)->value;
    urcu_bp_read_unlock();
    return found;
  }
  void set(std::uint64_t key, const V& value) {
    auto* const fresh = new Node{{}, {}, key, value};
    cds_lfht_node_init(fresh);
    urcu_bp_read_lock();
    cds_lfht_node* const old = cds_lfht_add_replace(table_, key, equal, &key, fresh);
    urcu_bp_read_unlock();
    if (old != nullptr) retire(old);
  }
  void erase(std::uint64_t key) {
    urcu_bp_read_lock();
    cds_lfht_node* const link = find(key);
    const bool mine = link != nullptr && cds_lfht_del(table_, link) == 0;
    urcu_bp_read_unlock();
    if (mine) retire(link);
  }

 private:
  struct Node : cds_lfht_node, rcu_head {
    std::uint64_t key;
    V value;
  };
  // Made for its keys, it need not grow: the destruction of a table that was allowed to was seen not to end.
  static cds_lfht* fixed_table(unsigned long buckets) {
    return cds_lfht_new_flavor(buckets, buckets, buckets, 0, &urcu_bp_flavor, nullptr);
  }
  static int equal(cds_lfht_node* link, const void* key) {
    return static_cast<Node*>(link)->key == *static_cast<const std::uint64_t*>(key) ? 1 : 0;
  }
  static void retire(cds_lfht_node* link) {
    urcu_bp_call_rcu(static_cast<Node*>(link), [](rcu_head* head) { delete static_cast<Node*>(head); });
  }
  [[nodiscard]] cds_lfht_node* find(std::uint64_t key) const {
    cds_lfht_iter place;
    cds_lfht_lookup(table_, key, equal, &key, &place);
    return cds_lfht_iter_get_node(&place);
  }

  cds_lfht* table_;
};
#endif

// Calls f.operator()<Map>(name) for each that this build has; Map is a class template over the value.
template <class F>
void for_each_native_map(F f) {
  f.template operator()<BenchSharedMutexMap>("shared_mutex_map");
#if CROSSTALK_HAS_TBB
  f.template operator()<BenchTbbMap>("tbb_map");
#endif
#if CROSSTALK_HAS_CUCKOO
  f.template operator()<BenchCuckooMap>("cuckoo_map");
#endif
#if CROSSTALK_HAS_URCU
  f.template operator()<BenchUrcuMap>("urcu_map");
#endif
}

}  // namespace crosstalk::pool
