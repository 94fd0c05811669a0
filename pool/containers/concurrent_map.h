// A hash map for many threads: shards, each an std::unordered_map behind a lock of its own on its own cache lines.
// With one shard it is the coarse form, whose snapshots, size() and clear() are atomic as a whole; with more they are
// atomic per shard only, and so is update(). All other operations touch one key and are linearizable.
// Progress: that of Lock. A throwing closure, copy or allocation leaves the map valid and the lock released.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class K, class V, ExclusiveLock Lock, class Hash = std::hash<K>>
class ConcurrentMap {
 public:
  // `shards` is rounded up to a power of two; 0 throws std::invalid_argument.
  explicit ConcurrentMap(std::size_t shards = 1) : mask_(std::bit_ceil(shards) - 1) {
    if (shards == 0) throw std::invalid_argument("concurrent map: shards must be at least 1, got 0");
    shards_ = std::make_unique<Shard[]>(mask_ + 1);
  }

  [[nodiscard]] std::optional<V> get(const K& key) const {
    return shard(key).read([&](const Table& table) -> std::optional<V> {
      const auto found = table.find(key);
      if (found == table.end()) return std::nullopt;
      return found->second;
    });
  }
  [[nodiscard]] V get_or(const K& key, V otherwise) const {
    std::optional<V> found = get(key);
    return found ? std::move(*found) : std::move(otherwise);
  }
  [[nodiscard]] bool contains(const K& key) const {
    return shard(key).read([&](const Table& table) { return table.contains(key); });
  }

  void set(const K& key, V value) {
    shard(key).write([&](Table& table) {
      table.insert_or_assign(key, std::move(value));
      return 0;
    });
  }
  // False, and nothing changed, if the key is there.
  bool insert_if_absent(const K& key, V value) {
    return shard(key).write([&](Table& table) { return table.try_emplace(key, std::move(value)).second; });
  }
  bool erase(const K& key) {
    return shard(key).write([&](Table& table) { return table.erase(key) != 0; });
  }
  // Read-modify-write: f(V&) on the value, made from V{} if absent, while nobody else sees it. Returns what f returns.
  template <std::invocable<V&> F>
  auto modify(const K& key, F&& f) {
    return shard(key).write([&](Table& table) { return f(table[key]); });
  }
  // f(const V&) on the value under the lock, without a copy. False if the key is absent.
  template <std::invocable<const V&> F>
  bool visit(const K& key, F&& f) const {
    return shard(key).read([&](const Table& table) {
      const auto found = table.find(key);
      if (found == table.end()) return false;
      f(found->second);
      return true;
    });
  }
  // Sets every pair of the range. Atomic as a whole with one shard, else pair by pair.
  template <class Range>
  void update(const Range& pairs) {
    if (mask_ != 0) {
      for (const auto& [key, value] : pairs) set(key, value);
      return;
    }
    shards_[0]->write([&](Table& table) {
      for (const auto& [key, value] : pairs) table.insert_or_assign(key, value);
      return 0;
    });
  }

  [[nodiscard]] std::vector<std::pair<K, V>> items() const {
    std::vector<std::pair<K, V>> all;
    for_each_shard([&](const Table& table) { all.insert(all.end(), table.begin(), table.end()); });
    return all;
  }
  [[nodiscard]] std::vector<K> keys() const {
    std::vector<K> all;
    for_each_shard([&](const Table& table) {
      for (const auto& [key, value] : table) all.push_back(key);
    });
    return all;
  }
  [[nodiscard]] std::vector<V> values() const {
    std::vector<V> all;
    for_each_shard([&](const Table& table) {
      for (const auto& [key, value] : table) all.push_back(value);
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
      shards_[i]->write([](Table& table) {
        table.clear();
        return 0;
      });
    }
  }

 private:
  using Table = std::unordered_map<K, V, Hash>;
  using Shard = CacheAligned<Guarded<Table, Lock>>;

  // The table uses the hash's low bits, the shards the high bits of a multiple of it, so that a shard's keys do not
  // all fall into the same buckets.
  [[nodiscard]] Guarded<Table, Lock>& shard(const K& key) const {
    const std::uint64_t spread = static_cast<std::uint64_t>(Hash{}(key)) * 0x9E3779B97F4A7C15ULL;
    return *shards_[static_cast<std::size_t>(spread >> 40) & mask_];
  }
  template <class F>
  void for_each_shard(F&& f) const {
    for (std::size_t i = 0; i <= mask_; ++i) {
      shards_[i]->read([&](const Table& table) {
        f(table);
        return 0;
      });
    }
  }

  std::size_t mask_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace crosstalk::pool
