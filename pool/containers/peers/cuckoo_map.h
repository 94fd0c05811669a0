// libcuckoo as an EntryMap: every key has two buckets, and a closure holds the spin locks of both, with all that shares them.
// Visits exclude each other.
//
// Version 0.3.1 has a race while it grows: a call looks for the newest array of locks in a list to which the grower appends at
// that moment (get_current_locks, maybe_resize_locks). It does no harm on x86; elsewhere MapOptions::keys has to be large enough
// that the map need not grow.
//
// Progress: a call spins, without a pause for the scheduler, for whoever is inside on one of its two buckets' locks; growing
// takes all locks. Errors: std::bad_alloc; libcuckoo's load_factor_too_low where very many keys have one hash.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include <libcuckoo/cuckoohash_map.hh>

#include "pool/containers/hashing.h"
#include "pool/containers/map_concept.h"

namespace crosstalk::pool {

template <class K, class V>
class CuckooMap {
 public:
  using Key = K;
  using Value = V;

  explicit CuckooMap(const MapOptions& options) : table_(options.keys) {}

  template <class F>
  bool visit(const K& key, F&& f) const {
    return table_.find_fn(key, std::ref(f));
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    return table_.update_fn(key, std::ref(f));
  }
  bool insert(const K& key, V value) { return table_.insert(key, std::move(value)); }
  bool erase(const K& key) { return table_.erase(key); }

 private:
  struct Hash {
    std::size_t operator()(const K& key) const { return mix(KeyHash<K>{}(key)); }
  };

  libcuckoo::cuckoohash_map<K, V, Hash> table_;
};

static_assert(EntryMap<CuckooMap<int, int>>);

}  // namespace crosstalk::pool
