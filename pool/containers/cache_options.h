// What a Cache is asked to be, what it counts, and how it hashes.
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "pool/containers/cache_shard.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

template <class K, class V>
struct CacheOptions {
  std::size_t entries_max =
      1024;  // of all shards; memory for the table is taken at once, 8 to 16 bytes for each
  std::uint64_t bytes_max = 0;  // of the weights in all shards; 0: not bounded, else a weigher is needed
  std::function<std::uint64_t(const K&, const V&)> weigher = {};
  std::chrono::nanoseconds ttl{0};     // how old a value may be; 0: as old as it likes, and no clock is read
  std::size_t shards = 1;              // rounded up to a power of two; each has an equal part of the bounds
  std::function<Deadline()> now = {};  // the clock, for tests; empty: the steady clock
};

struct CacheStatistics : CacheShardCounts {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::size_t entries = 0;
  std::uint64_t bytes = 0;

  void add(const CacheShardCounts& counts, std::size_t shard_entries, std::uint64_t shard_bytes) {
    using Count = std::uint64_t CacheShardCounts::*;
    constexpr Count kAll[] = {&CacheShardCounts::inserted,      &CacheShardCounts::evicted,
                              &CacheShardCounts::expired,       &CacheShardCounts::replaced,
                              &CacheShardCounts::removed,       &CacheShardCounts::too_heavy,
                              &CacheShardCounts::loads,         &CacheShardCounts::joined,
                              &CacheShardCounts::load_failures, &CacheShardCounts::loads_discarded};
    for (const Count count : kAll) this->*count += counts.*count;
    entries += shard_entries;
    bytes += shard_bytes;
  }
};

// std::hash, but for strings one that takes whatever a string_view can be made of.
template <class K>
struct CacheHash : std::hash<K> {};
template <>
struct CacheHash<std::string> {
  std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
};

// Standard libraries hash a number to itself; the table takes the low bits, the shards some high ones.
constexpr std::uint64_t spread_cache_hash(std::uint64_t hash) noexcept {
  hash *= 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32);
}

// Number of shards. Throws std::invalid_argument for what no cache can be.
template <class K, class V>
std::size_t check_cache_options(const CacheOptions<K, V>& options) {
  const auto refuse = [](const std::string& what, auto got) {
    throw std::invalid_argument("cache: " + what + ", got " + std::to_string(got));
  };
  constexpr std::size_t kShardsMax = std::size_t{1} << 16;
  if (options.shards < 1 || options.shards > kShardsMax) {
    refuse("shards must be between 1 and 65536", options.shards);
  }
  const std::size_t shards = std::bit_ceil(options.shards);
  constexpr std::size_t kEntriesMax = std::size_t{1} << 32;
  if (options.entries_max < shards || options.entries_max > kEntriesMax) {
    refuse("entries_max must be between the " + std::to_string(shards) + " shards and 4294967296",
           options.entries_max);
  }
  if (options.bytes_max != 0 && options.bytes_max < shards) {
    refuse("bytes_max must be 0 or at least the " + std::to_string(shards) + " shards", options.bytes_max);
  }
  if (options.bytes_max != 0 && !options.weigher) refuse("bytes_max needs a weigher", options.bytes_max);
  if (options.ttl < std::chrono::nanoseconds::zero()) {
    refuse("ttl must be at least 0 ns", options.ttl.count());
  }
  return shards;
}

// The part of a shard, so that the parts add up to the whole.
template <class K, class V>
CacheBounds cache_bounds(const CacheOptions<K, V>& options, std::size_t shards, std::size_t index) {
  const auto part = [&](auto whole) { return whole / shards + (index < whole % shards ? 1 : 0); };
  return {.entries_max = part(options.entries_max),
          .bytes_max =
              options.bytes_max == 0 ? std::numeric_limits<std::uint64_t>::max() : part(options.bytes_max)};
}

template <class K, class V>
Deadline cache_now(const CacheOptions<K, V>& options) {
  if (options.ttl == std::chrono::nanoseconds::zero()) return Deadline::min();
  return options.now ? options.now() : std::chrono::steady_clock::now();
}

// `began`: when the value was known to be right.
template <class K, class V>
std::unique_ptr<CacheEntry<K, V>> make_cache_entry(const CacheOptions<K, V>& options, K key,
                                                   std::uint64_t hash, std::shared_ptr<const V> value,
                                                   Deadline began) {
  const std::uint64_t weight = options.weigher ? options.weigher(key, *value) : 0;
  const bool ages = options.ttl != std::chrono::nanoseconds::zero() && options.ttl < kNoDeadline - began;
  auto entry = std::make_unique<CacheEntry<K, V>>(std::move(key), std::move(value), hash, weight);
  if (ages) entry->expires = began + options.ttl;
  return entry;
}

}  // namespace crosstalk::pool
