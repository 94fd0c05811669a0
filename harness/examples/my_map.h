// A map of one's own, to the concept of pool/containers/map_concept.h: here a table behind one mutex.
#pragma once

#include <mutex>
#include <unordered_map>
#include <utility>

#include "pool/containers/map_concept.h"

template <class K, class V>
class MyMap {
 public:
  using Key = K;
  using Value = V;

  explicit MyMap(const crosstalk::pool::MapOptions& options) { table_.reserve(options.keys); }

  template <class F>
  bool visit(const K& key, F&& f) const {
    const std::scoped_lock guard(mutex_);
    const auto found = table_.find(key);
    if (found == table_.end()) return false;
    std::forward<F>(f)(found->second);
    return true;
  }
  template <class F>
  bool modify(const K& key, F&& f) {
    const std::scoped_lock guard(mutex_);
    const auto found = table_.find(key);
    if (found == table_.end()) return false;
    std::forward<F>(f)(found->second);
    return true;
  }
  bool insert(const K& key, V value) {
    const std::scoped_lock guard(mutex_);
    return table_.try_emplace(key, std::move(value)).second;
  }
  bool erase(const K& key) {
    const std::scoped_lock guard(mutex_);
    return table_.erase(key) != 0;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<K, V> table_;
};
