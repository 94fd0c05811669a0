#include "pool/sync/parking_spot.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

#include "pool/locks/futex_mutex.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// Two things of which the second one's spot is that of the first.
struct SameSpot {
  SameSpot() {
    while (&ParkingSpot::of(&locks[second]) != &ParkingSpot::of(&locks[0])) ++second;
  }
  FutexMutex& a() { return locks[0]; }
  FutexMutex& b() { return locks[second]; }

  std::vector<FutexMutex> locks = std::vector<FutexMutex>(100'000);
  std::size_t second = 1;
};

TEST_CASE("a spot counts who parks, and one is on its way at a time", "[pool][parking_spot]") {
  const char lock = 0;
  ParkingSpot& spot = ParkingSpot::of(&lock);
  std::uint32_t first = 0, second = 0;
  CHECK_FALSE(spot.wants_waking());
  REQUIRE(spot.enter(&lock, first));
  CHECK(spot.wants_waking());
  REQUIRE(spot.enter(&lock, second));
  CHECK(first == second);
  CHECK(ParkingSpot::parked(&lock) == 2);
  CHECK_FALSE(ParkingSpot::waking(&lock));

  spot.wake_one(&lock);
  CHECK(ParkingSpot::waking(&lock));
  CHECK_FALSE(spot.wants_waking());
  spot.wake_one(&lock);
  const std::uint32_t later = spot.again();
  CHECK(later == first + 1);  // the second call of wake_one() did nothing
  CHECK(spot.wants_waking());
  spot.leave(later);
  CHECK(ParkingSpot::parked(&lock) == 1);
  spot.leave(second);
  CHECK(ParkingSpot::parked(&lock) == 0);
  CHECK_FALSE(spot.wants_waking());
}

TEST_CASE("who leaves without having slept answers the wake-up that was meant for it",
          "[pool][parking_spot]") {
  const char lock = 0;
  ParkingSpot& spot = ParkingSpot::of(&lock);
  std::uint32_t first = 0, second = 0;
  REQUIRE(spot.enter(&lock, first));
  spot.wake_one(&lock);
  REQUIRE(spot.enter(&lock, second));
  spot.leave(first);
  CHECK(spot.wants_waking());  // or the second one would sleep for ever
  spot.leave(second);
}

TEST_CASE("a spot belongs to one lock until all have left it", "[pool][parking_spot]") {
  SameSpot same;
  ParkingSpot& spot = ParkingSpot::of(&same.a());
  std::uint32_t of_a = 0, of_b = 0;
  REQUIRE(spot.enter(&same.a(), of_a));
  CHECK_FALSE(spot.enter(&same.b(), of_b));
  spot.wake_one(&same.b());
  CHECK_FALSE(ParkingSpot::waking(&same.a()));
  CHECK(ParkingSpot::parked(&same.b()) == 0);
  spot.leave(of_a);
  REQUIRE(spot.enter(&same.b(), of_b));
  CHECK(of_b != of_a);  // so that nobody mistakes one's state for the other's
  spot.leave(of_b);
}

TEST_CASE("locks with one spot get all their threads through", "[pool][parking_spot][stress]") {
  SameSpot same;
  unsigned counts[2] = {};
  const unsigned rounds = 20 * stress_rounds(50);
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 8; ++id) {
    threads.emplace_back([&, id] {
      for (unsigned i = 0; i < rounds; ++i) {
        const std::lock_guard held(id % 2 == 0 ? same.a() : same.b());
        ++counts[id % 2];
        if (i % 16 == 0) sched_yield();  // with the lock held, so that the others park
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counts[0] == 4 * rounds);
  CHECK(counts[1] == 4 * rounds);
  CHECK_FALSE(ParkingSpot::of(&same.a()).wants_waking());
}

TEST_CASE("threads that the parent had parked are not parked in a child", "[pool][parking_spot]") {
  FutexMutex mutex;
  mutex.lock();
  std::thread waiter([&] { const std::lock_guard held(mutex); });
  while (ParkingSpot::parked(&mutex) == 0) sched_yield();
  const pid_t child = fork();
  if (child == 0) _exit(ParkingSpot::parked(&mutex) == 0 && !ParkingSpot::of(&mutex).wants_waking() ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  mutex.unlock();
  waiter.join();
}

}  // namespace
}  // namespace crosstalk::pool
