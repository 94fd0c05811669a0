// A hash map for many threads: shards, each a table behind a lock of its own on its own cache lines. With one shard it is
// the coarse form, with more the sharded one.
//
//   atomic as a whole (linearizable)    every operation on one key; modify_two(); snapshot_all()
//   atomic per shard, and so as a       update(), keys(), values(), items(), size(), clear(), reserve(): other threads
//   whole in the coarse form            may see, or slip in between, the parts of two shards; shard_of() tells which
//                                       keys share one
//
// Several locks are only ever taken in the order of their index. Closures run with the lock of their key's shard held:
// one that calls back into the same map may wait for itself, which is misuse; so are K's and V's copies, == and Hash that do.
//
// Progress: that of Lock. Ownership: the map owns copies of keys and values; no reference leaves it. Errors: an exception of a
// closure, a copy or an allocation leaves the map as it was (update(): those shards whose turn had not come) and the locks
// released, provided that Hash, == and destructors do not throw. Values that are replaced or erased die after the lock was
// released. Lookups also take what a transparent Hash takes (string_view for strings), without making a K.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/containers/map_table.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class K, class V, ExclusiveLock Lock, class Hash = KeyHash<K>>
class ConcurrentMap {
 public:
  static constexpr std::size_t kShardsMost = std::size_t{1} << 16;

  // `shards` is rounded up to a power of two; std::invalid_argument if it is not in 1 .. kShardsMost.
  explicit ConcurrentMap(std::size_t shards = 1, Hash hash = {}) : hash_(std::move(hash)) {
    if (shards < 1 || shards > kShardsMost) {
      throw std::invalid_argument("concurrent map: shards must be between 1 and " +
                                  std::to_string(kShardsMost) + ", got " + std::to_string(shards));
    }
    mask_ = std::bit_ceil(shards) - 1;
    shards_ = std::make_unique<Shard[]>(mask_ + 1);
    for (std::size_t i = 0; i <= mask_; ++i)
      shards_[i]->write([&](Table& table) { return table.set_hash(hash_), 0; });
  }

  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] std::optional<V> get(const Q& key) const {
    return look(key, [](const V* value) { return value ? std::optional<V>(*value) : std::nullopt; });
  }
  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] V get_or(const Q& key, V otherwise) const {
    std::optional<V> found = get(key);
    return found ? std::move(*found) : std::move(otherwise);
  }
  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] bool contains(const Q& key) const {
    return look(key, [](const V* value) { return value != nullptr; });
  }
  // f(const V&) on the value under the lock, without a copy. False if the key is absent.
  template <LookupKey<K, Hash> Q = K, std::invocable<const V&> F>
  bool visit(const Q& key, F&& f) const {
    return look(key, [&f](const V* value) { return value != nullptr && (f(*value), true); });
  }

  template <LookupKey<K, Hash> Q = K>
  void set(const Q& key, V value) {
    change(key, [&](Table& table, const auto& at) { return table.set(at, value); });
  }
  // False, and nothing changed, if the key is there.
  template <LookupKey<K, Hash> Q = K>
  bool insert_if_absent(const Q& key, V value) {
    return change(key, [&](Table& table, const auto& at) { return table.insert_if_absent(at, value); });
  }
  // False if the key was absent.
  template <LookupKey<K, Hash> Q = K>
  bool erase(const Q& key) {
    return !change(key, [](Table& table, const auto& at) { return table.take(at); }).empty();
  }
  // Read-modify-write: f(V&) on the value, V{} if the key is absent, while nobody else sees it. Returns what f returns.
  // f works on a copy that replaces the value when f has returned; on the value itself if f is noexcept, or V has no
  // copy: then what a throwing f has done to the value stays.
  template <LookupKey<K, Hash> Q = K, std::invocable<V&> F>
  auto modify(const Q& key, F&& f) {
    return change(key, [&](Table& table, const auto& at) { return table.modify(at, f); });
  }
  // f(V&) on the value itself, while nobody else sees it; what a throwing f has done to it stays. False if the key is absent.
  template <LookupKey<K, Hash> Q = K, std::invocable<V&> F>
  bool modify_present(const Q& key, F&& f) {
    return change(key, [&](Table& table, const auto& at) {
      V* const value = table.find(at);
      return value != nullptr && (static_cast<void>(f(*value)), true);
    });
  }
  // f(V&, V&) on the values of two different keys as one step, as modify() does with one: f works on copies, unless it is
  // noexcept. std::invalid_argument if the keys are equal.
  template <std::invocable<V&, V&> F>
  requires std::copy_constructible<V>
  auto modify_two(const K& first, const K& second, F&& f) {
    if (first == second) throw std::invalid_argument("concurrent map: modify_two: the keys must differ");
    const Hashed<K> one = hashed(first);
    const Hashed<K> two = hashed(second);
    Guarded<Table, Lock>& shard_one = shard(one.hash);
    Guarded<Table, Lock>& shard_two = shard(two.hash);
    const auto work = [&](Table& a, Table& b) { return Table::modify_two(a, one, b, two, f); };
    if (&shard_one == &shard_two) return shard_one.write([&](Table& both) { return work(both, both); });
    if (index_of(one.hash) < index_of(two.hash)) {
      return shard_one.write([&](Table& a) { return shard_two.write([&](Table& b) { return work(a, b); }); });
    }
    return shard_two.write([&](Table& b) { return shard_one.write([&](Table& a) { return work(a, b); }); });
  }
  // Sets every pair of the range, the last one of equal keys. They are copied before a lock is taken.
  template <std::ranges::input_range Range>
  void update(const Range& pairs) {
    std::vector<Table> staged;
    for (std::size_t i = 0; i <= mask_; ++i) staged.emplace_back(hash_);
    for (const auto& [key, value] : pairs) {
      const auto& lookup = as_lookup<K, Hash>(key);
      const auto found = hashed(lookup);
      staged[index_of(found.hash)].stage(found, value);
    }
    for (std::size_t i = 0; i <= mask_; ++i) {
      if (staged[i].size() == 0) continue;
      // What is replaced is left in staged[i], and dies with it.
      shards_[i]->write([&](Table& table) { return table.absorb(staged[i]), 0; });
    }
  }

  [[nodiscard]] std::vector<std::pair<K, V>> items() const {
    std::vector<std::pair<K, V>> all;
    for_each_shard([&](const Table& table) { table.append_items(all); });
    return all;
  }
  [[nodiscard]] std::vector<K> keys() const {
    std::vector<K> all;
    for_each_shard(
        [&](const Table& table) { table.for_each([&](const K& key, const V&) { all.push_back(key); }); });
    return all;
  }
  [[nodiscard]] std::vector<V> values() const {
    std::vector<V> all;
    for_each_shard(
        [&](const Table& table) { table.for_each([&](const K&, const V& v) { all.push_back(v); }); });
    return all;
  }
  // A point in time, also in the sharded form: all locks are held together. All writers wait for it.
  [[nodiscard]] std::vector<std::pair<K, V>> snapshot_all() const {
    std::vector<std::pair<K, V>> all;
    std::vector<const Table*> tables(mask_ + 1);
    hold_all(tables, 0, [&] {
      for (const Table* table : tables) table->append_items(all);
    });
    return all;
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for_each_shard([&](const Table& table) { sum += table.size(); });
    return sum;
  }
  void clear() {
    for (std::size_t i = 0; i <= mask_; ++i) {
      Table none(hash_);
      shards_[i]->write([&](Table& table) { return table.swap(none), 0; });
    }
  }
  // Room for `count` keys, spread evenly over the shards.
  void reserve(std::size_t count) {
    const std::size_t each = count / (mask_ + 1) + (count % (mask_ + 1) != 0 ? 1 : 0);
    for (std::size_t i = 0; i <= mask_; ++i) {
      shards_[i]->write([&](Table& table) { return table.reserve(each), 0; });
    }
  }

  [[nodiscard]] std::size_t shards() const noexcept { return mask_ + 1; }
  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] std::size_t shard_of(const Q& key) const {
    return index_of(hashed(as_lookup<K, Hash>(key)).hash);
  }

 private:
  using Table = detail::MapTable<K, V, Hash>;
  using Shard = CacheAligned<Guarded<Table, Lock>>;
  template <class Q>
  using Hashed = detail::Hashed<Q>;

  template <class Q>
  [[nodiscard]] Hashed<Q> hashed(const Q& key) const {
    return {key, static_cast<std::size_t>(hash_(key))};
  }
  // The tables use the hash as it is, so the shards must not: the keys of one would all fall into the same buckets.
  [[nodiscard]] std::size_t index_of(std::size_t hash) const noexcept {
    return mask_ == 0 ? 0 : static_cast<std::size_t>(mix(hash)) & mask_;
  }
  [[nodiscard]] Guarded<Table, Lock>& shard(std::size_t hash) const noexcept {
    return *shards_[index_of(hash)];
  }

  // f(const V*) on the value, or on null, with the shard held.
  template <class Q, class F>
  auto look(const Q& key, F&& f) const {
    const auto& lookup = as_lookup<K, Hash>(key);
    const auto found = hashed(lookup);
    return std::as_const(shard(found.hash)).read([&](const Table& table) { return f(table.find(found)); });
  }
  template <class Q, class F>
  auto change(const Q& key, F&& f) {
    const auto& lookup = as_lookup<K, Hash>(key);
    const auto found = hashed(lookup);
    return shard(found.hash).write([&](Table& table) { return f(table, found); });
  }
  template <class F>
  void for_each_shard(F&& f) const {
    for (std::size_t i = 0; i <= mask_; ++i) {
      shards_[i]->read([&](const Table& table) { return f(table), 0; });
    }
  }
  // f() with the shards from `next` on held, and their tables in `tables`.
  template <class F>
  void hold_all(std::vector<const Table*>& tables, std::size_t next, const F& f) const {
    if (next > mask_) return f();
    std::as_const(*shards_[next]).read([&](const Table& table) {
      tables[next] = &table;
      return hold_all(tables, next + 1, f), 0;
    });
  }

  std::size_t mask_ = 0;
  [[no_unique_address]] Hash hash_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace crosstalk::pool
