// flat_map: FlatMap as an EntryMap. Visits and modifications of an entry hold the lock of its group, some 16 entries, so that
// they exclude each other.
//
// Progress, errors: those of FlatMap.
#pragma once

#include <concepts>
#include <utility>

#include "pool/containers/flat_map.h"
#include "pool/containers/map_concept.h"

namespace crosstalk::pool {

template <class K, class V>
class FlatEntryMap {
 public:
  using Key = K;
  using Value = V;

  explicit FlatEntryMap(const MapOptions& options) { map_.reserve(options.keys); }

  template <class F>
  bool visit(const K& key, F&& f) const {
    return map_.visit(key, [&](const Kept& kept) { f(kept.value); });
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    return map_.modify_present(key, [&](Kept& kept) { f(kept.value); });
  }
  bool insert(const K& key, V value) { return map_.insert_if_absent(key, Kept{std::move(value)}); }
  bool erase(const K& key) { return map_.erase(key); }

 private:
  // Of a value that could be copied a closure would see a copy, beside others; this one stays where it is.
  struct Kept {
    explicit Kept(V from) noexcept : value(std::move(from)) {}
    Kept(Kept&&) noexcept = default;
    Kept& operator=(Kept&&) noexcept = default;

    V value;
  };

  FlatMap<K, Kept> map_;
};

static_assert(EntryMap<FlatEntryMap<int, int>>);

}  // namespace crosstalk::pool
