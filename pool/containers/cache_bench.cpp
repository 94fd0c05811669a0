// The cache against the textbook: a mutex, an unordered_map and a list in order of use.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "pool/containers/cache.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint64_t kCached = 4'096;

// Keys of which about one in sixteen is rare: what a cache is for.
class SkewedKeys {
 public:
  explicit SkewedKeys(int thread) : state_(static_cast<std::uint64_t>(thread) * 977 + 1) {}
  std::uint64_t next() noexcept {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t random = state_ >> 33;
    return random % 16 == 0 ? kCached + random % (64 * kCached) : random % (kCached / 2);
  }

 private:
  std::uint64_t state_;
};

class TextbookLru {
 public:
  template <class Loader>
  std::shared_ptr<const std::uint64_t> get_or_load(std::uint64_t key, Loader&& loader) {
    const std::scoped_lock guard(mutex_);
    const auto found = places_.find(key);
    if (found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return found->second->second;
    }
    order_.emplace_front(key, std::make_shared<const std::uint64_t>(loader(key)));
    places_[key] = order_.begin();
    if (order_.size() > kCached) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    return order_.front().second;
  }

 private:
  using Order = std::list<std::pair<std::uint64_t, std::shared_ptr<const std::uint64_t>>>;
  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::uint64_t, Order::iterator> places_;
};

template <class C>
void look_up(benchmark::State& state, C& cache) {
  SkewedKeys keys(state.thread_index());
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.get_or_load(keys.next(), [](std::uint64_t key) { return key + 1; }));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Lock>
void cache_get_or_load(benchmark::State& state) {
  static Cache<std::uint64_t, std::uint64_t, Lock> cache({.entries_max = kCached, .shards = 16});
  look_up(state, cache);
}
void cache_textbook_lru(benchmark::State& state) {
  static TextbookLru cache;
  look_up(state, cache);
}

BENCHMARK_TEMPLATE(cache_get_or_load, std::mutex)->ThreadRange(1, 4)->UseRealTime();
BENCHMARK_TEMPLATE(cache_get_or_load, std::shared_mutex)->ThreadRange(1, 4)->UseRealTime();
BENCHMARK(cache_textbook_lru)->ThreadRange(1, 4)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
