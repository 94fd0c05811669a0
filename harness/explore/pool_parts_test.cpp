// What the pool's parts are made of, explored: semaphore, condition, event count, counters, connection pool, thread pool.
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "pool/containers/counter.h"
#include "pool/executor/thread_pool.h"
#include "pool/resources/connection_pool.h"
#include "pool/sync/condition.h"
#include "pool/sync/event_count.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::harness::explore {

namespace {

void check_part(void (*scenario)(), std::uint64_t depth_first_runs = 20'000) {
  Options options;
  options.depth_first_runs = depth_first_runs;
  options.priority_runs = 500;
  options.random_runs = 200;
  const Result result = explore(options, scenario);
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.phases.size() == 6);
}

}  // namespace

TEST_CASE("a semaphore of one permit excludes, and wakes who waits", "[explore][pool]") {
  check_part([] {
    pool::Semaphore semaphore(1);
    int count = 0;
    {
      const auto enter = [&] {
        semaphore.acquire();
        ++count;
        semaphore.release();
      };
      std::jthread first(enter);
      std::jthread second(enter);
      std::jthread third(enter);
    }
    require(count == 3, "an entry is lost");
    require(semaphore.available() == 1, "a permit is lost");
  });
}

TEST_CASE("a semaphore's time-out keeps no permit", "[explore][pool]") {
  check_part([] {
    pool::Semaphore semaphore(0);
    bool got = false;
    {
      std::jthread waiting([&] { got = semaphore.try_acquire_for(std::chrono::milliseconds(1)); });
      std::jthread releasing([&] { semaphore.release(); });
    }
    require(semaphore.available() == (got ? 0U : 1U), "a permit is lost or made");
  });
}

TEST_CASE("a condition loses no notification", "[explore][pool]") {
  check_part([] {
    std::mutex mutex;
    pool::Condition changed;
    int ready = 0;
    const auto wait = [&] {
      const std::lock_guard locked(mutex);
      changed.wait(mutex, [&] { return ready > 0; });
      --ready;
    };
    std::jthread first(wait);
    std::jthread second(wait);
    for (int i = 0; i < 2; ++i) {
      {
        const std::lock_guard locked(mutex);
        ++ready;
      }
      changed.notify_one();
    }
  });
}

TEST_CASE("an event count loses no notification", "[explore][pool]") {
  check_part([] {
    pool::EventCount event;
    std::atomic<bool> ready{false};
    int data = 0;
    const auto wait = [&] {
      event.await([&] { return ready.load(std::memory_order_acquire); });
      require(data == 1, "not there");
    };
    std::jthread first(wait);
    std::jthread second(wait);
    data = 1;
    ready.store(true, std::memory_order_release);
    event.notify_all();
  });
}

TEST_CASE("counters lose no addition", "[explore][pool]") {
  check_part([] {
    pool::AtomicCounter counter;
    {
      const auto count = [&] {
        const std::int64_t seen = counter.get();
        static_cast<void>(counter.compare_and_swap(seen, seen));
        counter.increment(2);
      };
      std::jthread first(count);
      std::jthread second(count);
    }
    require(counter.get() == 4, "an addition is lost");
  });
  check_part([] {
    pool::StripedCounter counter;
    {
      std::jthread first([&] { counter.add(1); });
      std::jthread second([&] { counter.add(2); });
    }
    require(counter.sum() == 3, "an addition is lost");
  });
}

TEST_CASE("a connection pool lends to one at a time, also when somebody gives up waiting",
          "[explore][pool]") {
  check_part([] {
    pool::ConnectionPoolOptions options;
    options.min = 0;
    options.max = 1;
    int lent = 0;
    {
      pool::ConnectionPool<int> connections(options, [] { return std::make_unique<int>(0); });
      const auto use = [&] {
        const auto lease = connections.acquire();
        ++*lease;
        ++lent;
      };
      std::jthread first(use);
      std::jthread second(use);
      std::jthread third([&] {
        const auto lease = connections.acquire_for(std::chrono::milliseconds(1));
        if (lease) ++*lease;
      });
    }
    require(lent == 2, "a lease is lost");
  });
}

TEST_CASE("a thread pool runs what it was given before it shuts down", "[explore][pool]") {
  check_part(
      [] {
        std::atomic<int> ran{0};
        {
          pool::ThreadPool threads(pool::PoolOptions::fixed(2));
          for (int i = 0; i < 3; ++i) threads.submit([&] { ran.fetch_add(1); });
          threads.shutdown();
        }
        require(ran.load() == 3, "a task is lost");
      },
      1'000);
}

}  // namespace crosstalk::harness::explore
