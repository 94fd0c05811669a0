#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/stress_rounds.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a notification between preparing and waiting is not lost", "[pool][sync][event_count]") {
  EventCount events;
  const EventCount::Key one = events.prepare();
  events.notify_one();
  CHECK(events.wait_until(one, Deadline{}));  // a deadline long ago: it must not need to sleep
  const EventCount::Key all = events.prepare();
  events.notify_all();
  events.wait(all);
}

TEST_CASE("a notification before preparing wakes nobody", "[pool][sync][event_count]") {
  EventCount events;
  events.notify_all();
  CHECK_FALSE(events.wait_until(events.prepare(), deadline_in(std::chrono::milliseconds(1))));
}

TEST_CASE("a wait ends with its deadline, also with one long ago", "[pool][sync][event_count]") {
  EventCount events;
  CHECK_FALSE(events.wait_until(events.prepare(), Deadline{}));
  CHECK_FALSE(events.wait_until(events.prepare(), Deadline::min()));
  const Deadline deadline = deadline_in(std::chrono::milliseconds(2));
  CHECK_FALSE(events.await([] { return false; }, deadline));
  CHECK(std::chrono::steady_clock::now() >= deadline);
}

TEST_CASE("a time beyond the clock's range is no deadline", "[pool][sync][event_count]") {
  CHECK(deadline_in(std::chrono::nanoseconds::max()) == kNoDeadline);
  CHECK(deadline_in(std::chrono::hours(1)) < kNoDeadline);
}

TEST_CASE("what holds already is not waited for, and what a predicate throws comes out",
          "[pool][sync][event_count]") {
  EventCount events;
  CHECK(events.await([] { return true; }, Deadline{}));
  int looks = 0;
  const auto throwing = [&looks]() -> bool {
    if (++looks == 2) throw std::runtime_error("second look");  // after prepare()
    return false;
  };
  CHECK_THROWS_WITH(events.await(throwing), "second look");
}

// Tokens are taken by whoever comes: a lost wake-up leaves a token and a sleeper, and the test would hang.
TEST_CASE("no wake-up is lost among few tokens and many waiters", "[pool][sync][event_count][stress]") {
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    constexpr std::uint64_t kTokens = 300;
    constexpr unsigned kThreads = 3;
    EventCount events;
    std::atomic<std::uint64_t> tokens{0};
    std::atomic<std::uint64_t> taken{0};
    const auto take = [&tokens] {
      std::uint64_t seen = tokens.load();
      while (seen > 0) {
        if (tokens.compare_exchange_weak(seen, seen - 1)) return true;
      }
      return false;
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (std::uint64_t n = 0; n < kTokens / kThreads; ++n) {
          events.await(take);
          ++taken;
        }
      });
    }
    for (std::uint64_t n = 0; n < kTokens; ++n) {
      ++tokens;
      events.notify_one();
      if (n % 16 == round % 16) std::this_thread::yield();  // now and then everybody is asleep
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(taken == kTokens);
    REQUIRE(tokens == 0);
  }
}

// Plain data behind the notification: under ThreadSanitizer this is the test of the memory orders.
TEST_CASE("what was written before a notification is read after the wait",
          "[pool][sync][event_count][stress]") {
  for (unsigned round = 0; round < stress_rounds(2000); ++round) {
    EventCount events;
    std::atomic<bool> ready{false};
    int written = 0;
    std::thread writer([&] {
      written = 42;
      // relaxed: the notification orders it.
      ready.store(true, std::memory_order_relaxed);
      events.notify_all();
    });
    // relaxed: as above, once it was seen after a notification; before one, the writer's join orders the read.
    events.await([&] { return ready.load(std::memory_order_relaxed); });
    writer.join();
    REQUIRE(written == 42);
  }
}

}  // namespace
}  // namespace crosstalk::pool
