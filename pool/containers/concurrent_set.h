// A hash set for many threads, behind one lock. All operations are linearizable, the batch ones included.
// Progress: that of Lock.
#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "pool/guarded.h"

namespace crosstalk::pool {

template <class T, ExclusiveLock Lock, class Hash = std::hash<T>>
class ConcurrentSet {
 public:
  ConcurrentSet() = default;
  template <class Range>
  explicit ConcurrentSet(const Range& initial) : items_(initial.begin(), initial.end()) {}

  // False if it was there.
  bool add(const T& item) {
    return items_.write([&](Items& items) { return items.insert(item).second; });
  }
  // False if it was not there.
  bool remove(const T& item) {
    return items_.write([&](Items& items) { return items.erase(item) != 0; });
  }
  // Removes it if it is there.
  void discard(const T& item) { remove(item); }
  template <class Range>
  void update(const Range& more) {
    items_.write([&](Items& items) {
      items.insert(more.begin(), more.end());
      return 0;
    });
  }
  [[nodiscard]] std::vector<T> snapshot() const {
    return items_.read([](const Items& items) { return std::vector<T>(items.begin(), items.end()); });
  }
  [[nodiscard]] std::size_t size() const {
    return items_.read([](const Items& items) { return items.size(); });
  }
  [[nodiscard]] bool contains(const T& item) const {
    return items_.read([&](const Items& items) { return items.contains(item); });
  }
  void clear() {
    items_.write([](Items& items) {
      items.clear();
      return 0;
    });
  }

 private:
  using Items = std::unordered_set<T, Hash>;
  Guarded<Items, Lock> items_;
};

}  // namespace crosstalk::pool
