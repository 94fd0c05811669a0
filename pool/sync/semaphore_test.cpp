#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/stress_rounds.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("permits are taken one by one and come back", "[pool][sync][semaphore]") {
  Semaphore semaphore(2);
  CHECK(semaphore.try_acquire());
  semaphore.acquire();
  CHECK_FALSE(semaphore.try_acquire());
  CHECK(semaphore.available() == 0);
  semaphore.release(3);
  CHECK(semaphore.available() == 3);
  semaphore.release(0);
  CHECK(semaphore.available() == 3);
}

TEST_CASE("a timed acquire ends with its deadline and takes what is there even after it",
          "[pool][sync][semaphore]") {
  Semaphore semaphore(0);
  CHECK_FALSE(semaphore.try_acquire_until(Deadline{}));
  CHECK_FALSE(semaphore.try_acquire_for(std::chrono::milliseconds(1)));
  CHECK_FALSE(semaphore.try_acquire_for(std::chrono::nanoseconds::min()));
  semaphore.release();
  CHECK(semaphore.try_acquire_until(Deadline{}));
}

TEST_CASE("more permits than the semaphore counts are refused, and none is lost", "[pool][sync][semaphore]") {
  CHECK_THROWS_AS(Semaphore(Semaphore::kMost + 1), std::invalid_argument);
  Semaphore semaphore(Semaphore::kMost - 1);
  semaphore.release();
  CHECK_THROWS_AS(semaphore.release(), std::overflow_error);
  CHECK_THROWS_AS(semaphore.release(~std::uint32_t{0}), std::overflow_error);
  CHECK(semaphore.available() == Semaphore::kMost);
}

TEST_CASE("never more threads inside than permits, and all permits come back",
          "[pool][sync][semaphore][stress]") {
  for (unsigned round = 0; round < stress_rounds(200); ++round) {
    constexpr unsigned kPermits = 2;
    Semaphore semaphore(kPermits);
    std::atomic<unsigned> inside{0};
    std::atomic<unsigned> most{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (unsigned n = 0; n < 100; ++n) {
          // Some give up at once, so that a wake-up may meet one who is just leaving.
          const bool impatient = (n + i) % 3 == 0;
          if (impatient && !semaphore.try_acquire_for(std::chrono::microseconds(n % 7))) continue;
          if (!impatient) semaphore.acquire();
          const unsigned now = ++inside;
          unsigned seen = most.load();
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          if (n % 8 == 0) std::this_thread::yield();
          --inside;
          semaphore.release();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(most <= kPermits);
    REQUIRE(semaphore.available() == kPermits);
  }
}

}  // namespace
}  // namespace crosstalk::pool
