#include "pool/locks/futex_mutex.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"
#include "pool/sync/asymmetric_barrier.h"
#include "pool/sync/parking_spot.h"

namespace crosstalk::pool {
namespace {

void await_parked(const FutexMutex& mutex, unsigned count) {
  while (ParkingSpot::parked(&mutex) != count) sched_yield();
}

TEST_CASE("futex_mutex: keeps its contract with few and with many threads",
          "[pool][lock][futex_mutex][stress]") {
  check_contract<FutexMutex>();
}

TEST_CASE("futex_mutex: keeps its contract where the kernel has no barrier for it",
          "[pool][lock][futex_mutex][stress]") {
  const detail::BarrierMode before = detail::decide_barrier_mode();
  detail::set_barrier_mode(detail::BarrierMode::symmetric);
  check_contract<FutexMutex>();
  detail::set_barrier_mode(before);
}

TEST_CASE("futex_mutex: may be destroyed right after the last unlock", "[pool][lock][futex_mutex][stress]") {
  check_churn<FutexMutex>(2);
  check_churn<FutexMutex>(5);
}

TEST_CASE("futex_mutex: a thread holds many at once and releases them in any order",
          "[pool][lock][futex_mutex][stress]") {
  check_many_held<FutexMutex>(3, 50);
  check_many_held<FutexMutex>(1, 10'000);
}

TEST_CASE("futex_mutex: threads end while it lives on", "[pool][lock][futex_mutex][stress]") {
  check_thread_ends<FutexMutex>();
}

TEST_CASE("futex_mutex: a try beside a holder and waiters fails and leaves nothing",
          "[pool][lock][futex_mutex]") {
  check_try_beside_waiters<FutexMutex>();
}

TEST_CASE("futex_mutex: one unlock gets all parked threads through, one after the other",
          "[pool][lock][futex_mutex]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    FutexMutex mutex;
    mutex.lock();
    unsigned entered = 0;
    std::vector<std::thread> waiters;
    for (int i = 0; i < 5; ++i) {
      waiters.emplace_back([&] {
        const std::lock_guard held(mutex);
        ++entered;
      });
    }
    await_parked(mutex, 5);
    REQUIRE_FALSE(mutex.try_lock());
    mutex.unlock();
    for (std::thread& waiter : waiters) waiter.join();  // hangs if a wake-up is lost
    REQUIRE(entered == 5);
    REQUIRE(ParkingSpot::parked(&mutex) == 0);
  }
}

TEST_CASE("futex_mutex: a thread woken in vain parks again and is woken again", "[pool][lock][futex_mutex]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    FutexMutex mutex;
    mutex.lock();
    std::thread waiter([&] { const std::lock_guard held(mutex); });
    await_parked(mutex, 1);
    bool held = true;
    for (int i = 0; i < 10 && held; ++i) {
      REQUIRE_FALSE(ParkingSpot::waking(&mutex));
      mutex.unlock();
      held = mutex.try_lock();  // false if the waiter was quicker
      // It cannot enter, so it ends being on its way only by parking.
      while (held && ParkingSpot::waking(&mutex)) sched_yield();
    }
    if (held) mutex.unlock();
    waiter.join();  // hangs if a wake-up is lost
    REQUIRE(ParkingSpot::parked(&mutex) == 0);
    REQUIRE_FALSE(ParkingSpot::waking(&mutex));
  }
}

}  // namespace
}  // namespace crosstalk::pool
