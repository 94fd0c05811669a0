// The locks of pthread as the explorer models them.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("locks in opposite order deadlock, and the cycle is named", "[explore]") {
  const Result result = explore({}, [] {
    std::mutex a;
    std::mutex b;
    std::jthread first([&] {
      const std::lock_guard one(a);
      const std::lock_guard two(b);
    });
    std::jthread second([&] {
      const std::lock_guard one(b);
      const std::lock_guard two(a);
    });
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::deadlock);
  CHECK(result.reason.find("cycle T1 -> T2 -> T1") != std::string::npos);
}

TEST_CASE("std::lock takes two in either order", "[explore]") {
  const Result result = explore({}, [] {
    std::mutex a;
    std::mutex b;
    std::jthread first([&] { const std::scoped_lock both(a, b); });
    std::jthread second([&] { const std::scoped_lock both(b, a); });
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a mutex unlocked twice is misuse", "[explore]") {
  const Result result = explore({}, [] {
    std::mutex a;
    a.lock();
    a.unlock();
    a.unlock();
  });
  CHECK(result.finding == Finding::misuse);
  CHECK(result.reason.find("nobody holds") != std::string::npos);
}

TEST_CASE("a mutex unlocked by another thread is misuse", "[explore]") {
  CHECK(explore({}, [] {
          std::mutex a;
          a.lock();
          std::jthread([&] { a.unlock(); });
        }).finding == Finding::misuse);
}

TEST_CASE("a mutex locked twice by one thread deadlocks", "[explore]") {
  CHECK(explore({}, [] {
          std::mutex a;
          a.lock();
          a.lock();
        }).finding == Finding::deadlock);
}

TEST_CASE("what a mutex guards is no race, what it does not is one", "[explore]") {
  const auto add_under = [](bool locks) {
    return explore({},
                   [locks] {
                     std::mutex mutex;
                     int count = 0;
                     const auto add = [&] {
                       std::unique_lock locked(mutex, std::defer_lock);
                       if (locks) locked.lock();
                       ++count;
                     };
                     std::jthread first(add);
                     std::jthread second(add);
                   })
        .finding;
  };
  CHECK(add_under(true) == Finding::none);
  CHECK(add_under(false) == Finding::race);
}

TEST_CASE("readers share a shared mutex, a writer does not", "[explore]") {
  const Result result = explore({}, [] {
    std::shared_mutex mutex;
    int value = 0;
    std::jthread reader([&] {
      const std::shared_lock locked(mutex);
      require(value == 0 || value == 1, "half written");
    });
    std::jthread writer([&] {
      const std::unique_lock locked(mutex);
      value = 1;
    });
    const std::shared_lock locked(mutex);
    require(value == 0 || value == 1, "half written");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("an upgrade from reading to writing deadlocks", "[explore]") {
  CHECK(explore({}, [] {
          std::shared_mutex mutex;
          mutex.lock_shared();
          mutex.lock();
        }).finding == Finding::deadlock);
}

TEST_CASE("a time-out may come early, and late", "[explore]") {
  const Result result = explore({}, [] {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::jthread other([&] {
      const std::lock_guard locked(mutex);
      ready = true;
      changed.notify_one();
    });
    std::unique_lock locked(mutex);
    require(changed.wait_for(locked, std::chrono::hours(1), [&] { return ready; }), "timed out");
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::assertion);
  CHECK(result.confirmed);
}

TEST_CASE("a wait without a predicate fails by a spurious wake-up, which is opt-in", "[explore]") {
  const auto scenario = [] {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::jthread waiting([&] {
      std::unique_lock locked(mutex);
      if (!ready) changed.wait(locked);
      require(ready, "woken for no reason");
    });
    const std::lock_guard locked(mutex);
    ready = true;
    changed.notify_one();
  };
  Options spurious;
  spurious.spurious = true;
  CHECK(explore({}, scenario).passed());
  CHECK(explore(spurious, scenario).finding == Finding::assertion);
}

TEST_CASE("sem_t and std::counting_semaphore hand over what was written", "[explore]") {
  const Result result = explore({}, [] {
    sem_t posix;
    sem_init(&posix, 0, 0);
    std::counting_semaphore<4> standard(0);
    int value = 0;
    std::jthread other([&] {
      value = 1;
      sem_post(&posix);
      standard.acquire();
      value = 3;
    });
    sem_wait(&posix);
    require(value == 1, "not there");
    value = 2;
    standard.release();
    other.join();
    sem_destroy(&posix);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("sem_clockwait waits like sem_timedwait, and may time out", "[explore]") {
  const Result result = explore({}, [] {
    sem_t posix;
    sem_init(&posix, 0, 0);
    std::jthread other([&] { sem_post(&posix); });
    const timespec never{1 << 30, 0};
    const int error = sem_clockwait(&posix, CLOCK_MONOTONIC, &never) == 0 ? 0 : errno;
    require(error == 0 || error == ETIMEDOUT, "another error");
    require(error == 0, "timed out");
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::assertion);
  CHECK(result.reason.find("timed out") != std::string::npos);
}

TEST_CASE("a barrier lets all go on when all are there", "[explore]") {
  const Result result = explore({}, [] {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 2);
    int first = 0;
    int second = 0;
    std::jthread other([&] {
      first = 1;
      pthread_barrier_wait(&barrier);
      require(second == 1, "not there");
    });
    second = 1;
    pthread_barrier_wait(&barrier);
    require(first == 1, "not there");
    other.join();
    pthread_barrier_destroy(&barrier);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

}  // namespace crosstalk::harness::explore
