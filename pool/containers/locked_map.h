// locked_map: ConcurrentMap as an EntryMap: as many shards as MapOptions::stripes, each behind a lock of its own, which a
// closure holds with all that lies in the shard.
//
// Progress, errors: those of ConcurrentMap. std::invalid_argument for stripes beyond ConcurrentMap::kShardsMost.
#pragma once

#include <utility>

#include "pool/containers/concurrent_map.h"
#include "pool/containers/map_concept.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::pool {

template <class K, class V, ExclusiveLock Lock>
class LockedMap {
 public:
  using Key = K;
  using Value = V;

  explicit LockedMap(const MapOptions& options) : map_(options.stripes) { map_.reserve(options.keys); }

  template <class F>
  bool visit(const K& key, F&& f) const {
    return map_.visit(key, std::forward<F>(f));
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    return map_.modify_present(key, std::forward<F>(f));
  }
  bool insert(const K& key, V value) { return map_.insert_if_absent(key, std::move(value)); }
  bool erase(const K& key) { return map_.erase(key); }

 private:
  ConcurrentMap<K, V, Lock> map_;
};

// Visits of one shard run together.
template <class K, class V>
using RwLockedMap = LockedMap<K, V, RwLock>;

static_assert(EntryMap<RwLockedMap<int, int>>);

}  // namespace crosstalk::pool
