// The concept EntryMap: what a concurrent hash map must offer to carry a chat server (chat/map_server.h), ours and foreign
// ones alike. An adapter over a foreign map is a class template over K and V with these members:
//
//   Key, Value                     the types
//   M(const MapOptions&)
//   bool visit(key, f) const       f(const Value&) under shared access
//   bool modify(key, f)            f(Value&), in place, under exclusive access
//   bool insert(key, Value)        false, and nothing changed, if the key is there
//   bool erase(key)                false if the key is absent
//
// Laws. visit() and modify() run f exactly once, on the calling thread, and return true, if the key is there; else they do
// not run f, and return false. While f of visit() runs, no modify() runs its f on that entry; while f of modify() runs,
// nobody else runs an f on it. erase() returns after the f that run on the entry, and no f runs on it later. What happened
// before the end of one f on an entry, or before its insert(), is seen by every later f on it. Visits of one entry may run
// together, or exclude each other where the map knows exclusive access only.
//
// A map may lock more than the entry, a stripe or all of it, so f never calls the same map. It may call another map, if all
// callers do so in one order of the maps. What f throws is passed on, with the entry left as f left it and nothing locked.
//
// Value is default-constructible and nothrow-movable, and never copied. It may be moved to another place between two calls.
// An erased value may die later, on any thread, but before the map's destructor returns.
// Progress: that of the map. Errors: std::bad_alloc; then nothing was changed. Nobody is inside a call when the map is
// destroyed; sizes and iteration are not asked for.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace crosstalk::pool {

struct MapOptions {
  std::size_t keys = 1;      // about so many will be in the map; a hint
  std::size_t stripes = 64;  // locks, of a map in which their number can be chosen; others take no notice
};

template <class V>
concept EntryValue = std::default_initializable<V> && std::is_nothrow_move_constructible_v<V> &&
    std::is_nothrow_move_assignable_v<V>;

template <class M>
concept EntryMap = std::constructible_from<M, const MapOptions&> && EntryValue<typename M::Value> &&
    requires(M map, const M& view, const typename M::Key& key, typename M::Value value,
             void (*look)(const typename M::Value&), void (*change)(typename M::Value&)) {
  { view.visit(key, look) } -> std::same_as<bool>;
  { map.modify(key, change) } -> std::same_as<bool>;
  { map.insert(key, std::move(value)) } -> std::same_as<bool>;
  { map.erase(key) } -> std::same_as<bool>;
};

}  // namespace crosstalk::pool
