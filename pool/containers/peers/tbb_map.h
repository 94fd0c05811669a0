// tbb::concurrent_hash_map as an EntryMap: chained buckets, each behind a spinning reader-writer lock, and another such lock in
// every entry, which is what a closure holds. Visits of one entry run together.
//
// Progress: a call waits, spinning and yielding, for the closures on its entry; those on others do not matter to it, but for a
// moment those whose bucket it shares. Memory: oneTBB's allocator. Errors: std::bad_alloc.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <oneapi/tbb/concurrent_hash_map.h>

#include "pool/containers/hashing.h"
#include "pool/containers/map_concept.h"
#include "pool/locks/peers/tsan_marks.h"

namespace crosstalk::pool {

// ThreadSanitizer does not see into oneTBB's allocator: a node freed by one thread and handed to the next looks like a race of theirs.
#ifdef CROSSTALK_UNDER_TSAN
template <class Entry>
using TbbMapAllocator = std::allocator<Entry>;
#else
template <class Entry>
using TbbMapAllocator = tbb::tbb_allocator<Entry>;
#endif

template <class K, class V>
class TbbMap {
 public:
  using Key = K;
  using Value = V;

  explicit TbbMap(const MapOptions& options) : table_(options.keys) {}

  template <class F>
  bool visit(const K& key, F&& f) const {
    typename Table::const_accessor entry;
    if (!table_.find(entry, key)) return false;
    std::forward<F>(f)(entry->second);
    return true;
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    typename Table::accessor entry;
    if (!table_.find(entry, key)) return false;
    std::forward<F>(f)(entry->second);
    return true;
  }
  bool insert(const K& key, V value) { return table_.insert({key, std::move(value)}); }
  bool erase(const K& key) { return table_.erase(key); }

 private:
  struct HashCompare {
    [[nodiscard]] std::size_t hash(const K& key) const { return mix(KeyHash<K>{}(key)); }
    [[nodiscard]] bool equal(const K& one, const K& other) const { return one == other; }
  };
  using Table = tbb::concurrent_hash_map<K, V, HashCompare, TbbMapAllocator<std::pair<const K, V>>>;

  Table table_;
};

static_assert(EntryMap<TbbMap<int, int>>);

}  // namespace crosstalk::pool
