// Maps, counters and a cache with a deliberate bug, each beside the same without it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/verify/any_map.h"

namespace crosstalk::harness::verify {

// A map of several shards, each behind a mutex: what the mutants have in common.
class ShardedMap {
 public:
  [[nodiscard]] std::optional<Quad> get(std::uint64_t key) const {
    const Shard& shard = shard_of(key);
    const std::lock_guard guard(shard.mutex);
    const auto found = shard.table.find(key);
    return found == shard.table.end() ? std::nullopt : std::optional<Quad>(found->second);
  }
  bool insert_if_absent(std::uint64_t key, const Quad& value) {
    Shard& shard = shard_of(key);
    const std::lock_guard guard(shard.mutex);
    return shard.table.try_emplace(key, value).second;
  }
  bool erase(std::uint64_t key) {
    Shard& shard = shard_of(key);
    const std::lock_guard guard(shard.mutex);
    return shard.table.erase(key) != 0;
  }
  void set(std::uint64_t key, const Quad& value) {
    Shard& shard = shard_of(key);
    const std::lock_guard guard(shard.mutex);
    shard.table[key] = value;
  }
  template <class F>
  bool modify_present(std::uint64_t key, F&& f) {
    Shard& shard = shard_of(key);
    const std::lock_guard guard(shard.mutex);
    const auto found = shard.table.find(key);
    if (found == shard.table.end()) return false;
    f(found->second);
    return true;
  }

 protected:
  struct Shard {
    mutable std::mutex mutex;  // guards the table
    std::unordered_map<std::uint64_t, Quad> table;
  };
  [[nodiscard]] const Shard& shard_of(std::uint64_t key) const { return shards_[key % shards_.size()]; }
  [[nodiscard]] Shard& shard_of(std::uint64_t key) { return shards_[key % shards_.size()]; }

  std::array<Shard, 4> shards_;
};

// M12: insert_if_absent looks in one critical section and writes in the next.
template <bool broken>
class M12Map : public ShardedMap {
 public:
  bool insert_if_absent(std::uint64_t key, const Quad& value) {
    if (!broken) return ShardedMap::insert_if_absent(key, value);
    if (get(key)) return false;
    set(key, value);
    return true;
  }
  [[nodiscard]] std::size_t size() const { return 0; }
};

// M14: size() adds the shards up one after the other, in a map that declares it linearizable.
template <bool broken>
class M14Map : public ShardedMap {
 public:
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    std::vector<std::unique_lock<std::mutex>> held;
    for (const Shard& shard : shards_) {
      std::unique_lock guard(shard.mutex);
      if (!broken) {
        held.push_back(std::move(guard));
      } else {
        sum += shard.table.size();
      }
    }
    if (!broken) {
      for (const Shard& shard : shards_) sum += shard.table.size();
    }
    return sum;
  }
};

// M13: growing publishes the new table, then moves the entries into it.
template <bool broken>
class M13Map {
 public:
  M13Map() : table_(std::make_shared<Table>(4)) {}
  [[nodiscard]] std::optional<Quad> get(std::uint64_t key) const { return current()->get(key); }
  bool insert_if_absent(std::uint64_t key, const Quad& value) {
    const std::lock_guard guard(writers_);
    if (!current()->insert(key, value)) return false;
    if (++entries_ > current()->buckets.size() * 2) grow();
    return true;
  }
  bool erase(std::uint64_t key) {
    const std::lock_guard guard(writers_);
    const bool there = current()->erase(key);
    entries_ -= there ? 1 : 0;
    return there;
  }
  void set(std::uint64_t key, const Quad& value) {
    const std::lock_guard guard(writers_);
    entries_ += current()->get(key) ? 0 : 1;
    current()->replace(key, value);
  }
  template <class F>
  bool modify_present(std::uint64_t key, F&& f) {
    const std::lock_guard guard(writers_);
    std::optional<Quad> value = current()->get(key);
    if (!value) return false;
    f(*value);
    current()->replace(key, *value);
    return true;
  }
  [[nodiscard]] std::size_t size() const { return 0; }

 private:
  struct Bucket {
    mutable std::mutex mutex;  // guards the entries
    std::map<std::uint64_t, Quad> entries;
  };
  struct Table {
    explicit Table(std::size_t count) : buckets(count) {}
    [[nodiscard]] Bucket& of(std::uint64_t key) { return buckets[key % buckets.size()]; }
    std::optional<Quad> get(std::uint64_t key) {
      const std::lock_guard guard(of(key).mutex);
      const auto found = of(key).entries.find(key);
      return found == of(key).entries.end() ? std::nullopt : std::optional<Quad>(found->second);
    }
    bool insert(std::uint64_t key, const Quad& value) {
      const std::lock_guard guard(of(key).mutex);
      return of(key).entries.try_emplace(key, value).second;
    }
    bool erase(std::uint64_t key) {
      const std::lock_guard guard(of(key).mutex);
      return of(key).entries.erase(key) != 0;
    }
    void replace(std::uint64_t key, const Quad& value) {
      const std::lock_guard guard(of(key).mutex);
      of(key).entries[key] = value;
    }
    std::vector<Bucket> buckets;
  };

  [[nodiscard]] std::shared_ptr<Table> current() const { return std::atomic_load(&table_); }
  void grow() {
    const std::shared_ptr<Table> old = current();
    auto next = std::make_shared<Table>(old->buckets.size() * 4);
    if (broken) std::atomic_store(&table_, next);
    for (const Bucket& bucket : old->buckets) {
      const std::lock_guard guard(bucket.mutex);
      for (const auto& [key, value] : bucket.entries) next->insert(key, value);
    }
    if (!broken) std::atomic_store(&table_, next);
  }

  std::mutex writers_;
  std::size_t entries_ = 0;  // guarded by writers_
  std::shared_ptr<Table> table_;
};

// M15: an atomic load and an atomic store are not an atomic addition.
template <bool broken>
class M15Counter {
 public:
  std::int64_t increment() noexcept {
    // relaxed (all): the values alone are looked at.
    if (!broken) return value_.fetch_add(1, std::memory_order_relaxed) + 1;
    const std::int64_t next = value_.load(std::memory_order_relaxed) + 1;
    value_.store(next, std::memory_order_relaxed);
    return next;
  }
  [[nodiscard]] std::int64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }  // relaxed: as above

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace crosstalk::harness::verify
