#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/connection_pool.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// A connection that knows whether two hold it at once, and how many there are.
struct PoolTestWire {
  explicit PoolTestWire(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~PoolTestWire() { --alive_; }
  PoolTestWire(const PoolTestWire&) = delete;
  PoolTestWire& operator=(const PoolTestWire&) = delete;

  int number = 0;
  std::atomic<int> holders{0};
  std::atomic<bool> works{true};

 private:
  std::atomic<int>& alive_;
};

// A clock that stands still until it is told to go on.
struct PoolTestClock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<PoolTestClock, duration>;
  static inline std::atomic<std::int64_t> now_ns{0};
  static time_point now() noexcept { return time_point(duration(now_ns.load())); }
};

using WirePool = ConnectionPool<PoolTestWire, PoolTestClock>;

// The pool with everything that its functions need.
struct PoolTestBench {
  std::atomic<int> alive{0};
  std::atomic<int> made{0};
  std::atomic<bool> factory_works{true};
  std::atomic<bool> new_ones_work{true};
  std::optional<WirePool> pool;

  explicit PoolTestBench(const ConnectionPoolOptions& options) {
    pool.emplace(
        options,
        [this] {
          if (!factory_works) throw std::runtime_error("no route to the database");
          auto wire = std::make_unique<PoolTestWire>(alive);
          wire->number = ++made;
          wire->works = new_ones_work.load();
          return wire;
        },
        [](PoolTestWire& wire) { return wire.works.load(); });
  }

  void wait_for_waiters(std::size_t count) const {
    while (pool->stats().waiting < count) std::this_thread::yield();
  }
};

ConnectionPoolOptions pool_test_sizes(std::size_t min, std::size_t max) {
  ConnectionPoolOptions options;
  options.min = min;
  options.max = max;
  return options;
}

bool opened_balance(const ConnectionPoolStats& stats) {
  return stats.opened ==
             stats.broken + stats.expired + stats.trimmed + stats.closed + stats.idle + stats.leased &&
         stats.acquired == stats.returned + stats.leased;
}

TEST_CASE("a connection pool opens its least number at once and grows to its greatest when all are lent",
          "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(2, 3));
  CHECK(bench.made == 2);
  auto first = bench.pool->acquire();
  auto second = bench.pool->acquire();
  CHECK(bench.made == 2);
  auto third = bench.pool->acquire();
  CHECK(bench.made == 3);
  const auto fourth = bench.pool->acquire_until(Deadline{});
  CHECK_FALSE(fourth);
  CHECK(fourth.status() == AcquireStatus::timed_out);
  CHECK(bench.made == 3);
  first.give_back();
  CHECK(bench.pool->acquire()->number == 2);  // the one used last (idle ones are taken from the end)
  CHECK(opened_balance(bench.pool->stats()));
}

TEST_CASE("sizes that make no connection pool are refused with bound and value", "[pool][connection_pool]") {
  CHECK_THROWS_WITH(PoolTestBench(pool_test_sizes(0, 0)),
                    "ConnectionPool: max must be between 1 and 65536, got 0");
  CHECK_THROWS_WITH(PoolTestBench(pool_test_sizes(5, 4)),
                    "ConnectionPool: min must be at most max (4), got 5");
  CHECK_THROWS_AS(WirePool(pool_test_sizes(0, 1), {}), std::invalid_argument);
}

TEST_CASE("an acquire ends with its deadline and leaves the queue", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  auto held = bench.pool->acquire();
  const Deadline deadline = deadline_in(std::chrono::milliseconds(2));
  CHECK(bench.pool->acquire_until(deadline).status() == AcquireStatus::timed_out);
  CHECK(std::chrono::steady_clock::now() >= deadline);
  CHECK(bench.pool->stats().timed_out == 1);
  held.give_back();
  CHECK(bench.pool->acquire_for(std::chrono::milliseconds(1)).status() == AcquireStatus::ok);
}

TEST_CASE("waiters of a connection pool are served in the order in which they came",
          "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  auto held = bench.pool->acquire();
  std::vector<int> order;  // written by one holder at a time
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto lease = bench.pool->acquire();
      order.push_back(i);
    });
    bench.wait_for_waiters(static_cast<std::size_t>(i) + 1);
  }
  held.give_back();
  for (std::thread& thread : threads) thread.join();
  CHECK(order == std::vector<int>{0, 1, 2, 3});
  CHECK(bench.made == 1);
}

TEST_CASE("who comes later does not overtake a waiter", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  auto held = bench.pool->acquire();
  std::atomic<bool> got{false};
  std::atomic<bool> enough{false};
  std::thread waiter([&] {
    const auto lease = bench.pool->acquire();
    got = static_cast<bool>(lease);
    while (!enough) std::this_thread::yield();
  });
  bench.wait_for_waiters(1);
  held.give_back();
  // Whether the waiter runs already or not: the connection is its own.
  const bool overtaken = static_cast<bool>(bench.pool->acquire_until(Deadline{}));
  enough = true;
  waiter.join();
  CHECK_FALSE(overtaken);
  CHECK(got);
}

TEST_CASE("a dead connection is replaced once and the holder does not notice", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  bench.pool->acquire()->works = false;
  const auto lease = bench.pool->acquire();
  CHECK(lease->number == 2);
  CHECK(bench.alive == 1);
  CHECK(bench.pool->stats().broken == 1);
}

TEST_CASE("a replacement that is dead too is an error of the caller, and the permit comes back",
          "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  bench.pool->acquire()->works = false;
  bench.new_ones_work = false;
  CHECK_THROWS_AS(bench.pool->acquire(), BrokenConnection);
  CHECK(bench.made == 2);  // replaced once, not for ever
  CHECK(bench.alive == 0);
  CHECK(bench.pool->stats().failed == 1);
  bench.new_ones_work = true;
  CHECK(bench.pool->acquire()->number == 3);
  CHECK(opened_balance(bench.pool->stats()));
}

TEST_CASE("a factory that throws gives its permit back", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(0, 1));
  bench.factory_works = false;
  for (int i = 0; i < 3; ++i) CHECK_THROWS_WITH(bench.pool->acquire(), "no route to the database");
  bench.factory_works = true;
  CHECK(bench.pool->acquire_until(Deadline{}));
  CHECK(bench.pool->stats().failed == 3);
}

TEST_CASE("the permit of a factory that throws goes to the first waiter", "[pool][connection_pool]") {
  std::atomic<int> alive{0};
  std::atomic<int> calls{0};
  std::atomic<bool> go_on{false};
  ConnectionPool<PoolTestWire> pool(pool_test_sizes(0, 1), [&] {
    if (++calls == 1) {
      while (!go_on) std::this_thread::yield();
      throw std::runtime_error("first try");
    }
    return std::make_unique<PoolTestWire>(alive);
  });
  std::string error;
  std::thread first([&] {
    try {
      const auto lease = pool.acquire();
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
  });
  while (calls == 0) std::this_thread::yield();
  bool got = false;
  std::thread second([&] { got = static_cast<bool>(pool.acquire()); });
  while (pool.stats().waiting == 0)
    std::this_thread::yield();  // also: no lock is held while the factory runs
  go_on = true;
  first.join();
  second.join();
  CHECK(error == "first try");
  CHECK(got);
}

TEST_CASE("a holder that throws returns its connection", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  const auto use = [&bench] {
    const auto lease = bench.pool->acquire();
    throw std::runtime_error("in the middle of a query");
  };
  CHECK_THROWS_WITH(use(), "in the middle of a query");
  CHECK(bench.pool->acquire_until(Deadline{})->number == 1);
}

TEST_CASE("a connection marked broken is destroyed instead of lent again", "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 1));
  bench.pool->acquire().mark_broken();
  CHECK(bench.alive == 0);
  CHECK(bench.pool->acquire()->number == 2);
}

TEST_CASE("a validation that throws says no", "[pool][connection_pool]") {
  std::atomic<int> alive{0};
  int checks = 0;
  ConnectionPool<PoolTestWire> pool(
      pool_test_sizes(1, 1), [&] { return std::make_unique<PoolTestWire>(alive); },
      [&checks](PoolTestWire&) {
        if (++checks == 1) throw std::runtime_error("ping");
        return true;
      });
  CHECK(pool.acquire());
  CHECK(pool.stats().broken == 1);
}

TEST_CASE("a connection past its lifetime is replaced when it comes back and before it is lent",
          "[pool][connection_pool]") {
  PoolTestClock::now_ns = 0;
  ConnectionPoolOptions options = pool_test_sizes(1, 1);
  options.max_lifetime = std::chrono::nanoseconds(100);
  PoolTestBench bench(options);
  PoolTestClock::now_ns = 99;
  {
    const auto lease = bench.pool->acquire();
    CHECK(lease->number == 1);
    PoolTestClock::now_ns = 100;  // not taken away from its holder
    CHECK(bench.alive == 1);
  }
  CHECK(bench.alive == 0);
  CHECK(bench.pool->acquire()->number == 2);
  PoolTestClock::now_ns = 200;
  CHECK(bench.pool->acquire()->number == 3);
  CHECK(bench.pool->stats().expired == 2);
}

TEST_CASE("maintaining a connection pool closes what was idle for long, down to the least number",
          "[pool][connection_pool]") {
  PoolTestClock::now_ns = 0;
  ConnectionPoolOptions options = pool_test_sizes(1, 3);
  options.max_idle = std::chrono::nanoseconds(100);
  options.max_lifetime = std::chrono::nanoseconds(1000);
  PoolTestBench bench(options);
  {
    const auto first = bench.pool->acquire();
    const auto second = bench.pool->acquire();
    const auto third = bench.pool->acquire();
  }
  PoolTestClock::now_ns = 99;
  bench.pool->maintain();
  CHECK(bench.alive == 3);
  PoolTestClock::now_ns = 100;
  bench.pool->maintain();
  CHECK(bench.alive == 1);
  CHECK(bench.pool->stats().trimmed == 2);
  PoolTestClock::now_ns = 1000;
  bench.pool->maintain();  // the last one is too old: a new one takes its place
  CHECK(bench.alive == 1);
  CHECK(bench.made == 4);
  CHECK(opened_balance(bench.pool->stats()));
}

TEST_CASE("closing a connection pool wakes its waiters with closed, and lent connections end on return",
          "[pool][connection_pool]") {
  PoolTestBench bench(pool_test_sizes(1, 2));
  auto first = bench.pool->acquire();
  auto second = bench.pool->acquire();
  std::vector<AcquireStatus> ends(3, AcquireStatus::ok);
  std::vector<std::thread> threads;
  for (AcquireStatus& end : ends) {
    threads.emplace_back([&] { end = bench.pool->acquire().status(); });
  }
  bench.wait_for_waiters(3);
  bench.pool->close();
  bench.pool->close();
  for (std::thread& thread : threads) thread.join();
  CHECK(ends == std::vector<AcquireStatus>(3, AcquireStatus::closed));
  CHECK(bench.pool->acquire().status() == AcquireStatus::closed);
  CHECK(bench.pool->stats().refused == 4);
  first.give_back();
  CHECK(bench.alive == 1);
  second.give_back();
  CHECK(bench.alive == 0);
  CHECK(opened_balance(bench.pool->stats()));
}

TEST_CASE("destroying a connection pool waits for the leases of other threads",
          "[pool][connection_pool][stress]") {
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    std::atomic<int> alive{0};
    std::atomic<bool> lent{false};
    std::thread holder;
    {
      ConnectionPool<PoolTestWire> pool(pool_test_sizes(0, 1),
                                        [&] { return std::make_unique<PoolTestWire>(alive); });
      holder = std::thread([&] {
        const auto lease = pool.acquire();
        lent = true;
        if (round % 2 == 0) std::this_thread::yield();
      });
      while (!lent) std::this_thread::yield();
    }
    REQUIRE(alive == 0);
    holder.join();
  }
}

// What some threads did with a small pool of unreliable connections.
struct PoolTestTally {
  std::atomic<std::uint64_t> calls{0}, held{0}, timed_out{0}, closed{0}, threw{0}, shared{0};
};

void pool_test_visit(PoolTestBench& bench, PoolTestTally& tally, unsigned n) {
  ++tally.calls;
  try {
    auto lease =
        n % 3 == 0 ? bench.pool->acquire_for(std::chrono::microseconds(n % 7)) : bench.pool->acquire();
    if (!lease) {
      ++(lease.status() == AcquireStatus::closed ? tally.closed : tally.timed_out);
      return;
    }
    ++tally.held;
    if (++lease->holders != 1) ++tally.shared;
    if (n % 8 == 0) std::this_thread::yield();
    if (n % 11 == 0) lease->works = false;
    if (n % 13 == 0) lease.mark_broken();
    --lease->holders;
  } catch (const std::exception&) {
    ++tally.threw;
  }
}

TEST_CASE("no connection is held twice and every permit comes back, whatever fails",
          "[pool][connection_pool][stress]") {
  for (unsigned round = 0; round < stress_rounds(150); ++round) {
    PoolTestBench bench(pool_test_sizes(round % 2, 2));
    PoolTestTally tally;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (unsigned n = 0; n < 100; ++n) {
          if (n % 25 == 24) bench.factory_works = !bench.factory_works;
          if (i == 0 && n == 90 && round % 3 == 0) bench.pool->close();
          pool_test_visit(bench, tally, n + i);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const ConnectionPoolStats stats = bench.pool->stats();
    REQUIRE(tally.shared == 0);
    REQUIRE(stats.leased == 0);
    REQUIRE(stats.leased_peak <= 2);
    REQUIRE(stats.waiting == 0);
    REQUIRE(stats.acquired == tally.held);
    REQUIRE(stats.timed_out == tally.timed_out);
    REQUIRE(stats.refused == tally.closed);
    REQUIRE(stats.failed == tally.threw);
    REQUIRE(opened_balance(stats));
    REQUIRE(static_cast<std::size_t>(bench.alive.load()) == stats.idle);
  }
}

}  // namespace
}  // namespace crosstalk::pool
