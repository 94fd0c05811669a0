// The pool's cache, explored: one load at a time, and no load that puts an old value over a new one. Judged by
// pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "harness/explore/scenario.h"
#include "pool/containers/cache.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::harness::explore {

namespace {

using SmallCache = pool::Cache<int, int, pool::RwLock>;

SmallCache::Options few_entries(std::size_t entries) {
  SmallCache::Options options;
  options.entries_max = entries;
  return options;
}

void require_balanced_books(const SmallCache& cache) {
  const auto books = cache.statistics();
  require(books.inserted == books.entries + books.evicted + books.expired + books.replaced + books.removed,
          "the cache's books do not balance");
}

}  // namespace

EXPLORE_AS("cache/cache/single_flight") {
  SmallCache cache(few_entries(4));
  int loads = 0;  // plain: the loads must exclude each other
  {
    const auto ask = [&] {
      const auto value = cache.get_or_load(1, [&](int) { return ++loads; });
      require(*value == 1, "not the loaded value");
    };
    std::jthread first(ask);
    std::jthread second(ask);
  }
  require(loads == 1, "a key was loaded twice");
  require_balanced_books(cache);
}

EXPLORE_AS("cache/cache/put_against_slow_load") {
  SmallCache cache(few_entries(4));
  {
    std::jthread first([&] {
      const auto value = cache.get_or_load(1, [](int) {
        std::this_thread::yield();
        return 1;
      });
      require(*value == 1 || *value == 2, "a value that nobody gave");
    });
    std::jthread second([&] {
      cache.put(1, 2);
      const auto value = cache.get(1);
      require(value && *value == 2, "a slow load was put over a newer value");
    });
  }
  require(*cache.get(1) == 2, "a slow load was put over a newer value");
  require_balanced_books(cache);
}

EXPLORE_AS("cache/cache/invalidate_against_load") {
  SmallCache cache(few_entries(4));
  std::atomic<int> store{1};
  const auto load = [&](int) { return store.load(std::memory_order_acquire); };
  std::jthread first([&] { static_cast<void>(cache.get_or_load(1, load)); });
  std::jthread second([&] {
    store.store(2, std::memory_order_release);
    cache.invalidate(1);
    require(*cache.get_or_load(1, load) == 2, "a value from before the invalidation");
  });
}

EXPLORE_AS("cache/cache/write_through_against_load") {
  SmallCache cache(few_entries(4));
  std::atomic<int> store{1};
  {
    std::jthread first([&] {
      static_cast<void>(cache.get_or_load(1, [&](int) { return store.load(std::memory_order_acquire); }));
    });
    std::jthread second([&] {
      cache.write_through(1, 2, [&](int, int value) { store.store(value, std::memory_order_release); });
      const auto value = cache.get(1);
      require(!value || *value == 2, "a value from before the write");
    });
  }
  const auto value = cache.get(1);
  require(!value || *value == 2, "a value from before the write is kept");
}

EXPLORE_AS("cache/cache/two_write_through") {
  SmallCache cache(few_entries(4));
  std::atomic<int> store{0};
  {
    const auto write = [&](int value) {
      cache.write_through(1, value,
                          [&](int, int written) { store.store(written, std::memory_order_release); });
    };
    std::jthread first([&] { write(1); });
    std::jthread second([&] { write(2); });
  }
  const auto value = cache.get(1);
  require(!value || *value == store.load(std::memory_order_acquire), "the cache differs from its store");
}

EXPLORE_AS("cache/cache/clear_against_load") {
  SmallCache cache(few_entries(4));
  std::atomic<int> store{1};
  const auto load = [&](int) { return store.load(std::memory_order_acquire); };
  std::jthread first([&] { static_cast<void>(cache.get_or_load(1, load)); });
  std::jthread second([&] {
    store.store(2, std::memory_order_release);
    cache.clear();
    require(*cache.get_or_load(1, load) == 2, "a value from before the clearing");
  });
}

// The exception goes to all who have waited for that load, and to nobody else.
EXPLORE_AS("cache/cache/failing_load") {
  SmallCache cache(few_entries(4));
  std::atomic<int> loads{0};
  const auto ask = [&] {
    try {
      const auto value = cache.get_or_load(1, [&](int) {
        if (loads.fetch_add(1) == 0) throw std::runtime_error("the store is away");
        return 7;
      });
      require(*value == 7, "not the loaded value");
    } catch (const std::runtime_error&) {
    }
  };
  {
    std::jthread first(ask);
    std::jthread second(ask);
  }
  ask();
  require(cache.get(1) != nullptr && loads.load() == 2, "a failed load was kept, or a good one was not");
}

// Each loader wants what the other one is loading: one of them has to be told.
EXPLORE_AS("cache/cache/loads_that_wait_for_each_other") {
  SmallCache cache(few_entries(4));
  const auto ask = [&](int key, int other) {
    try {
      static_cast<void>(
          cache.get_or_load(key, [&](int) { return *cache.get_or_load(other, [](int) { return 5; }) + 1; }));
    } catch (const std::logic_error&) {
    }
  };
  std::jthread first([&] { ask(1, 2); });
  std::jthread second([&] { ask(2, 1); });
}

EXPLORE_AS("cache/cache/evict_against_get") {
  SmallCache cache(few_entries(1));
  cache.put(1, 1);
  {
    std::jthread first([&] { cache.put(2, 2); });
    std::jthread second([&] {
      const auto value = cache.get(1);
      require(!value || *value == 1, "another key's value");
    });
  }
  require(cache.statistics().entries == 1, "more entries than the bound");
  require_balanced_books(cache);
}

}  // namespace crosstalk::harness::explore
