// The parts of the pool that no strategy of a catalog names by themselves.
#include <mutex>
#include <utility>

#include "harness/verify/component.h"
#include "harness/verify/container_cases.h"
#include "pool/containers/cache.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/concurrent_set.h"
#include "pool/containers/counter.h"
#include "pool/containers/flat_map.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::harness::verify {

namespace {

using Sharded = pool::ConcurrentMap<std::uint64_t, Quad, pool::RwLock>;
using Flat = pool::FlatMap<std::uint64_t, Quad>;
using Set = pool::ConcurrentSet<std::uint64_t, pool::RwLock>;
using Cached = pool::Cache<std::uint64_t, std::int64_t, pool::RwLock>;

void add_maps(std::vector<Component>& all) {
  all.push_back({.name = "map/concurrent_map",
                 .promises = "linearizable by key",
                 .cases = map_cases(any_map<Sharded>([]() -> void* { return new Sharded(4); },
                                                     pool::kConcurrentMapContract))});
  all.push_back({.name = "map/concurrent_map_coarse",
                 .promises = "linearizable, size too",
                 .cases = map_cases(
                     any_map<Sharded>([]() -> void* { return new Sharded(1); }, pool::kCoarseMapContract))});
  all.push_back(
      {.name = "map/flat_map_whole",
       .promises = "linearizable by key",
       .cases = map_cases(any_map<Flat>([]() -> void* { return new Flat; }, pool::kFlatMapContract))});
  all.push_back({.name = "set/concurrent_set",
                 .promises = "linearizable, size too",
                 .cases = map_cases(any_set<Set>(pool::kConcurrentSetContract))});
}

void add_counters(std::vector<Component>& all) {
  all.push_back(
      {.name = "counter/locked",
       .promises = "linearizable",
       .cases = counter_cases(any_counter<pool::LockedCounter<std::mutex>>(pool::kLockedCounterContract))});
  all.push_back({.name = "counter/atomic",
                 .promises = "linearizable",
                 .cases = counter_cases(any_counter<pool::AtomicCounter>(pool::kAtomicCounterContract))});
  all.push_back({.name = "counter/striped",
                 .promises = "exact when nobody adds",
                 .cases = counter_cases(any_counter<pool::StripedCounter>(pool::kStripedCounterContract))});
}

void add_caches(std::vector<Component>& all) {
  const auto make = [](std::size_t entries) -> void* {
    Cached::Options options;
    options.entries_max = entries;
    return new Cached(std::move(options));
  };
  all.push_back({.name = "cache/cache",
                 .promises = "never older than the last write, one load a key at a time",
                 .cases = cache_cases(any_cache<Cached>(make, pool::kCacheContract))});
}

}  // namespace

void add_builtin_components(std::vector<Component>& all) {
  add_maps(all);
  add_counters(all);
  add_caches(all);
}

}  // namespace crosstalk::harness::verify
