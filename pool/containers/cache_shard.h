// cache_shard: the entries of one shard of a Cache and its counts. Not for threads by itself: the Cache holds its lock.
//
// Which entry goes when there is no room follows SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi: "SIEVE is Simpler than LRU",
// NSDI 2024): entries stand in order of arrival, a hit only sets a mark, and a hand walks from the oldest to the newest,
// takes marks away and evicts the first entry without one. A hit moves nothing, so hits can run under a shared lock.
//
// Invariant: entries <= entries_max and bytes <= bytes_max, and inserted = present + evicted + expired + replaced + removed.
//
// What leaves the shard goes into a CacheRemains, and is destroyed by whoever holds that, after the lock is released.
// Nothing here allocates but the constructor.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pool/sync/futex.h"

namespace crosstalk::pool {

template <class K, class V>
struct CacheEntry {
  CacheEntry(K k, std::shared_ptr<const V> v, std::uint64_t h, std::uint64_t w)
      : key(std::move(k)), value(std::move(v)), hash(h), weight(w) {}

  const K key;
  const std::shared_ptr<const V> value;
  const std::uint64_t hash;
  const std::uint64_t weight;
  Deadline expires = kNoDeadline;

  mutable std::atomic<bool> visited{false};
  CacheEntry* next = nullptr;  // in its bucket, or in a CacheRemains
  CacheEntry* newer = nullptr;
  CacheEntry* older = nullptr;
};

// Entries taken out of a shard, to be destroyed when no lock is held.
template <class K, class V>
class CacheRemains {
 public:
  using Entry = CacheEntry<K, V>;

  CacheRemains() = default;
  CacheRemains(const CacheRemains&) = delete;
  CacheRemains& operator=(const CacheRemains&) = delete;
  ~CacheRemains() {
    while (first_ != nullptr) delete std::exchange(first_, first_->next);
  }
  void add(Entry* entry) noexcept { entry->next = std::exchange(first_, entry); }

 private:
  Entry* first_ = nullptr;
};

struct CacheBounds {
  std::size_t entries_max = 1;
  std::uint64_t bytes_max = 0;
};

// What happened to entries. Written under the exclusive lock.
struct CacheShardCounts {
  std::uint64_t inserted = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
  std::uint64_t replaced = 0;
  std::uint64_t removed = 0;
  std::uint64_t too_heavy = 0;
  std::uint64_t loads = 0;
  std::uint64_t load_failures = 0;
  std::uint64_t loads_discarded = 0;
  std::uint64_t joined = 0;
};

template <class K, class V>
class CacheShard {
 public:
  using Entry = CacheEntry<K, V>;
  using Remains = CacheRemains<K, V>;
  // What becomes of an entry that leaves: the count that it is added to.
  using Fate = std::uint64_t CacheShardCounts::*;

  CacheShard() = default;
  CacheShard(const CacheShard&) = delete;
  CacheShard& operator=(const CacheShard&) = delete;
  ~CacheShard() {
    Remains remains;
    clear(remains);
  }

  // Once, before any use. A bucket for each entry there may be, so that no hit ever waits for a table that grows.
  void set_bounds(CacheBounds bounds) {
    bounds_ = bounds;
    buckets_.resize(std::bit_ceil(bounds.entries_max));
  }

  template <class Q>
  [[nodiscard]] Entry* find(std::uint64_t hash, const Q& key) const {
    Entry* entry = buckets_[hash & (buckets_.size() - 1)];
    while (entry != nullptr && !(entry->hash == hash && entry->key == key)) entry = entry->next;
    return entry;
  }

  // The value of an entry that was asked for. Under the shared lock too.
  static std::shared_ptr<const V> hit(const Entry& entry) noexcept {
    // relaxed (both): a hint for the hand, which orders nothing. Looked at first, so that hits of one key by many threads
    // do not fight for the line.
    if (!entry.visited.load(std::memory_order_relaxed)) entry.visited.store(true, std::memory_order_relaxed);
    return entry.value;
  }

  // Puts the entry in, in place of one with the same key, evicting others as needed. One that is heavier than the whole
  // shard is not kept, and counted; what stood under its key goes all the same.
  void insert(std::unique_ptr<Entry> entry, Deadline now, Remains& remains) {
    if (Entry* before = find(entry->hash, entry->key)) take(before, &CacheShardCounts::replaced, remains);
    if (entry->weight > bounds_.bytes_max) {
      ++counts.too_heavy;
      remains.add(entry.release());
      return;
    }
    while (entries_ >= bounds_.entries_max || bytes_ > bounds_.bytes_max - entry->weight) evict(now, remains);
    link(entry.release());
  }

  void take(Entry* entry, Fate fate, Remains& remains) {
    ++(counts.*fate);
    unlink(entry);
    remains.add(entry);
  }

  template <class Q>
  bool erase(std::uint64_t hash, const Q& key, Remains& remains) {
    Entry* const entry = find(hash, key);
    if (entry != nullptr) take(entry, &CacheShardCounts::removed, remains);
    return entry != nullptr;
  }
  template <class Q>
  void expire(std::uint64_t hash, const Q& key, Deadline now, Remains& remains) {
    Entry* const entry = find(hash, key);
    if (entry != nullptr && entry->expires <= now) take(entry, &CacheShardCounts::expired, remains);
  }
  void clear(Remains& remains) {
    while (oldest_ != nullptr) take(oldest_, &CacheShardCounts::removed, remains);
  }
  // Number of entries that were out of date.
  std::size_t purge(Deadline now, Remains& remains) {
    std::size_t purged = 0;
    for (Entry* entry = oldest_; entry != nullptr;) {
      Entry* const following = entry->newer;
      if (entry->expires <= now) {
        take(entry, &CacheShardCounts::expired, remains);
        ++purged;
      }
      entry = following;
    }
    return purged;
  }

  [[nodiscard]] std::size_t entries() const noexcept { return entries_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  CacheShardCounts counts;

 private:
  void evict(Deadline now, Remains& remains) {
    for (;;) {
      Entry* const entry = hand_ != nullptr ? hand_ : oldest_;
      hand_ = entry->newer;
      if (entry->expires <= now) return take(entry, &CacheShardCounts::expired, remains);
      // relaxed: see hit().
      if (!entry->visited.exchange(false, std::memory_order_relaxed)) {
        return take(entry, &CacheShardCounts::evicted, remains);
      }
    }
  }

  void link(Entry* entry) noexcept {
    ++counts.inserted;
    ++entries_;
    bytes_ += entry->weight;
    entry->next = std::exchange(bucket(*entry), entry);
    entry->older = std::exchange(newest_, entry);
    (entry->older != nullptr ? entry->older->newer : oldest_) = entry;
  }
  void unlink(Entry* entry) noexcept {
    --entries_;
    bytes_ -= entry->weight;
    Entry** link = &bucket(*entry);
    while (*link != entry) link = &(*link)->next;
    *link = entry->next;
    if (hand_ == entry) hand_ = entry->newer;
    (entry->older != nullptr ? entry->older->newer : oldest_) = entry->newer;
    (entry->newer != nullptr ? entry->newer->older : newest_) = entry->older;
  }
  [[nodiscard]] Entry*& bucket(const Entry& entry) noexcept {
    return buckets_[entry.hash & (buckets_.size() - 1)];
  }

  CacheBounds bounds_;
  std::vector<Entry*> buckets_;
  Entry* oldest_ = nullptr;
  Entry* newest_ = nullptr;
  Entry* hand_ = nullptr;  // the next to be looked at; null: the oldest
  std::size_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace crosstalk::pool
