// A cache with a deliberate bug, and the same without it.
#pragma once

#include <atomic>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace crosstalk::harness::verify {

// M16: a load that took long puts its value over a newer one.
template <bool broken>
class M16Cache {
 public:
  using Value = std::shared_ptr<const std::int64_t>;
  explicit M16Cache(std::size_t entries) : most_(entries) {}

  Value get(std::uint64_t key) {
    const std::lock_guard guard(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }
  void put(std::uint64_t key, std::int64_t value) {
    const std::lock_guard guard(mutex_);
    ++versions_[key];
    keep(key, std::make_shared<const std::int64_t>(value));
  }
  bool invalidate(std::uint64_t key) {
    const std::lock_guard guard(mutex_);
    ++versions_[key];
    return entries_.erase(key) != 0;
  }
  template <class Loader>
  Value get_or_load(std::uint64_t key, Loader&& loader) {
    std::unique_lock guard(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) return found->second;
    if (const auto flight = flights_.find(key); flight != flights_.end()) {
      const std::shared_ptr<Flight> theirs = flight->second;
      guard.unlock();
      // acquire: pairs with the release below; the value is seen.
      theirs->done.wait(false, std::memory_order_acquire);
      return theirs->value;
    }
    const auto mine = std::make_shared<Flight>();
    flights_[key] = mine;
    const std::uint64_t version = versions_[key];
    guard.unlock();
    mine->value = std::make_shared<const std::int64_t>(loader(key));
    guard.lock();
    flights_.erase(key);
    if (broken || versions_[key] == version) keep(key, mine->value);
    guard.unlock();
    // release: pairs with the acquire above.
    mine->done.store(true, std::memory_order_release);
    mine->done.notify_all();
    return mine->value;
  }
  struct Statistics {
    std::size_t entries;
  };
  [[nodiscard]] Statistics statistics() const {
    const std::lock_guard guard(mutex_);
    return {entries_.size()};
  }

 private:
  struct Flight {
    std::atomic<bool> done{false};
    Value value;
  };
  void keep(std::uint64_t key, Value value) {
    entries_[key] = std::move(value);
    while (entries_.size() > most_)
      entries_.erase(entries_.begin()->first == key ? std::next(entries_.begin()) : entries_.begin());
  }

  const std::size_t most_;
  mutable std::mutex mutex_;  // guards the members below
  std::map<std::uint64_t, Value> entries_;
  std::map<std::uint64_t, std::uint64_t> versions_;
  std::map<std::uint64_t, std::shared_ptr<Flight>> flights_;
};

}  // namespace crosstalk::harness::verify
