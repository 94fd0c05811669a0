// Semaphore, event count and condition under churn: nothing is lost, and what has been waited for may be destroyed.
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/locks/rw_lock.h"
#include "pool/stress_rounds.h"
#include "pool/sync/condition.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {
namespace {

using std::chrono::microseconds;

TEST_CASE("a semaphore may be destroyed as soon as its permit is taken", "[pool][sync][semaphore][stress]") {
  for (unsigned round = 0; round < stress_rounds(3'000); ++round) {
    auto done = std::make_unique<Semaphore>(0);
    std::thread worker([&semaphore = *done] { semaphore.release(); });
    if (round % 2 == 0) {
      done->acquire();
    } else {
      while (!done->try_acquire_for(microseconds(round % 50))) {
      }
    }
    done.reset();
    worker.join();
  }
}

// What is given in batches and taken one by one, by patient and impatient threads, adds up; the patient ones would hang if
// a wake-up were spent on one who gives up.
TEST_CASE("permits given in batches are all taken or left", "[pool][sync][semaphore][stress]") {
  for (unsigned round = 0; round < stress_rounds(150); ++round) {
    constexpr unsigned kEach = 60;
    Semaphore semaphore(0);
    std::atomic<unsigned> impatient{0};
    std::atomic<bool> stop{false};
    std::thread hasty([&] {
      for (unsigned n = 0; !stop; ++n) {
        if (!semaphore.try_acquire_for(microseconds((n + round) % 30))) continue;
        ++impatient;
        semaphore.release();
      }
    });
    detail::run_threads(3, [&](unsigned id) {
      if (id == 0) {
        for (unsigned given = 0; given < 2 * kEach; given += 3) {
          semaphore.release(3);
          if (given % 4 == 0) std::this_thread::yield();
        }
        return;
      }
      for (unsigned n = 0; n < kEach; ++n) semaphore.acquire();
    });
    stop = true;
    hasty.join();
    REQUIRE(semaphore.available() == 0);
  }
}

TEST_CASE("a deadline holds, however many notifications come", "[pool][sync][stress]") {
  EventCount events;
  Condition condition;
  std::mutex mutex;
  std::atomic<unsigned> left{0};
  std::vector<std::thread> notifiers;
  for (int i = 0; i < 2; ++i) {
    notifiers.emplace_back([&] {
      while (left < 2) {
        events.notify_all();
        condition.notify_one();
      }
    });
  }
  // Would never end if each notification began a new wait.
  CHECK_FALSE(events.await([] { return false; }, deadline_in(microseconds(500))));
  ++left;
  mutex.lock();
  CHECK_FALSE(condition.wait_for(mutex, microseconds(500), [] { return false; }));
  mutex.unlock();
  ++left;
  for (std::thread& thread : notifiers) thread.join();
}

// As many notifications as waiters, each given under the lock: each waiter is woken by one.
TEST_CASE("a condition notified once a waiter wakes them all, also beside some that give up",
          "[pool][sync][condition][stress]") {
  for (unsigned round = 0; round < stress_rounds(200); ++round) {
    constexpr unsigned kWaiters = 3;
    RwLock lock;
    Condition condition;
    unsigned tokens = 0;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kWaiters; ++i) {
      threads.emplace_back([&] {
        for (unsigned n = 0; n < 30; ++n) {
          lock.lock();
          condition.wait(lock, [&] { return tokens > 0; });
          --tokens;
          lock.unlock();
        }
      });
    }
    std::thread hasty([&] {
      for (unsigned n = 0; !stop; ++n) {
        lock.lock();
        // A notification that it gets, it passes on: it was meant for somebody.
        if (condition.wait_for(lock, microseconds(n % 20), [&] { return tokens > 0; }))
          condition.notify_one();
        lock.unlock();
      }
    });
    for (unsigned n = 0; n < kWaiters * 30; ++n) {
      lock.lock();
      ++tokens;
      condition.notify_one();
      lock.unlock();
    }
    for (std::thread& thread : threads) thread.join();
    stop = true;
    hasty.join();
    REQUIRE(tokens == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
