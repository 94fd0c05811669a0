// A hash set for many threads, behind one lock. All operations are linearizable, the batch ones included.
//
// Progress: that of Lock. Ownership: the set owns copies of its items. Errors: an exception of a copy or an allocation leaves
// the set as it was and the lock released, provided that Hash and == do not throw. Lookups also take what a transparent Hash
// takes (string_view for strings), without making a T. Misuse: T's hash, comparison or copies that call back into the set.
#pragma once

#include <cstddef>
#include <ranges>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pool/containers/hashing.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class T, ExclusiveLock Lock, class Hash = KeyHash<T>>
class ConcurrentSet {
 public:
  ConcurrentSet() = default;
  template <std::ranges::input_range Range>
  explicit ConcurrentSet(const Range& initial, Hash hash = {}) : items_(staged(initial, TableHash{hash})) {}

  // False if it was there.
  bool add(T item) {
    return items_.write([&](Items& items) { return items.insert(std::move(item)).second; });
  }
  // False if it was not there.
  template <LookupKey<T, Hash> Q = T>
  bool remove(const Q& item) {
    // The item dies after the lock was released.
    return !items_
                .write([&](Items& items) {
                  const auto found = find(items, item);
                  return found == items.end() ? Node() : items.extract(found);
                })
                .empty();
  }
  // Removes it if it is there.
  template <LookupKey<T, Hash> Q = T>
  void discard(const Q& item) {
    remove(item);
  }
  // Adds all items of the range, which are copied before the lock is taken. Atomic as a whole.
  template <std::ranges::input_range Range>
  void update(const Range& more) {
    Items add = staged(more, hasher());
    items_.write([&](Items& items) {
      items.reserve(items.size() + add.size());  // the last step that may throw
      items.merge(add);
      return 0;
    });
  }
  [[nodiscard]] std::vector<T> snapshot() const {
    return items_.read([](const Items& items) { return std::vector<T>(items.begin(), items.end()); });
  }
  [[nodiscard]] std::size_t size() const {
    return items_.read([](const Items& items) { return items.size(); });
  }
  template <LookupKey<T, Hash> Q = T>
  [[nodiscard]] bool contains(const Q& item) const {
    return items_.read([&](const Items& items) { return find(items, item) != items.end(); });
  }
  // The items die after the lock was released.
  void clear() {
    Items none(0, hasher());
    items_.write([&](Items& items) {
      items.swap(none);
      return 0;
    });
  }
  void reserve(std::size_t count) {
    items_.write([=](Items& items) {
      items.reserve(count);
      return 0;
    });
  }

 private:
  using TableHash = detail::TableHash<Hash>;
  using Items = std::unordered_set<T, TableHash, detail::TableEqual>;
  using Node = typename Items::node_type;

  template <class Range>
  static Items staged(const Range& range, const TableHash& hash) {
    Items items(0, hash);
    for (const auto& item : range) items.emplace(item);
    return items;
  }
  [[nodiscard]] TableHash hasher() const {
    return items_.read([](const Items& items) { return items.hash_function(); });
  }
  template <class Table, class Q>
  static auto find(Table& items, const Q& item) {
    if constexpr (std::same_as<Q, T>) {
      return items.find(item);
    } else if constexpr (TransparentHash<Hash>) {
      const detail::Hashed<Q> hashed{item, items.hash_function()(item)};
      return items.find(hashed);
    } else {
      return items.find(static_cast<T>(item));
    }
  }

  Guarded<Items, Lock> items_;
};

}  // namespace crosstalk::pool
