#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "pool/builtin.h"
#include "pool/stress_rounds.h"
#include "pool/sync/condition.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("the lock is held again after a wait, however it ended", "[pool][sync][condition]") {
  std::mutex mutex;
  Condition condition;
  const auto held = [&mutex] {
    bool free = true;
    std::thread([&] {
      free = mutex.try_lock();
      if (free) mutex.unlock();
    }).join();
    return !free;
  };
  std::unique_lock lock(mutex);
  CHECK_FALSE(condition.wait_until(mutex, Deadline{}));
  CHECK(held());
  CHECK_FALSE(condition.wait_for(mutex, std::chrono::milliseconds(1), [] { return false; }));
  CHECK(held());
  int looks = 0;
  const auto throwing = [&looks]() -> bool {
    if (++looks == 2) throw std::runtime_error("second look");
    return false;
  };
  CHECK_THROWS_WITH(condition.wait_until(mutex, Deadline{}, throwing), "second look");
  CHECK(held());
}

TEST_CASE("what holds already is not waited for", "[pool][sync][condition]") {
  std::mutex mutex;
  Condition condition;
  const std::unique_lock lock(mutex);
  condition.wait(mutex, [] { return true; });
  CHECK(condition.wait_until(mutex, Deadline{}, [] { return true; }));
}

TEST_CASE("readers wait, too", "[pool][sync][condition]") {
  RwLock lock;
  Condition changed;
  int value = 0;
  std::thread writer([&] {
    const std::unique_lock hold(lock);
    value = 1;
    changed.notify_all();
  });
  std::shared_lock hold(lock);
  changed.wait(hold, [&] { return value == 1; });
  CHECK(hold.owns_lock());
  hold.unlock();
  writer.join();
  CHECK(lock.try_lock());
  lock.unlock();
}

TEST_CASE("an unlock that throws has waited for nothing, and costs nothing later",
          "[pool][sync][condition]") {
  std::mutex mutex;
  Condition condition;
  std::unique_lock lock(mutex, std::defer_lock);  // its unlock() throws: it is not locked
  CHECK_THROWS_AS(condition.wait(lock), std::system_error);
  lock.lock();
  CHECK_FALSE(condition.wait_until(lock, Deadline{}));
  CHECK(lock.owns_lock());
}

// A bounded buffer of one place: every wake-up matters. Everything put in comes out once.
template <class Lock>
void pass_through_one_place() {
  constexpr std::uint64_t kItems = 200;
  Lock lock;
  Condition changed;
  std::deque<std::uint64_t> place;
  std::uint64_t sum = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t producer = 0; producer < 2; ++producer) {
    threads.emplace_back([&, producer] {
      for (std::uint64_t n = 0; n < kItems; ++n) {
        lock.lock();
        changed.wait(lock, [&] { return place.empty(); });
        place.push_back(producer * kItems + n);
        lock.unlock();
        changed.notify_all();
      }
    });
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kItems; ++n) {
        lock.lock();
        changed.wait(lock, [&] { return !place.empty(); });
        sum += place.front();
        place.pop_front();
        lock.unlock();
        changed.notify_all();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(place.empty());
  REQUIRE(sum == 2 * kItems * (2 * kItems - 1) / 2);
}

TEST_CASE("a condition works with every lock and loses no wake-up", "[pool][sync][condition][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    pass_through_one_place<std::mutex>();
    pass_through_one_place<TtasLock>();
    pass_through_one_place<TicketLock>();
    pass_through_one_place<RwLock>();
  }
}

}  // namespace
}  // namespace crosstalk::pool
