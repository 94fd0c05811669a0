// For tests: what every exclusive lock must stand, beyond the conformance checks: churn, many locks at once, threads that end,
// a try beside a holder and waiters, and where it is promised, the order of arrival.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {

template <class L>
void check_contract() {
  for (const unsigned threads : {1U, 2U, 3U, 8U, 24U}) {
    const auto report =
        check_lock<L>({.threads = threads, .rounds = stress_rounds(5), .operations = 500 / threads + 10});
    INFO(threads << " threads: " << report.property << ": " << report.detail);
    CHECK(report.passed);
  }
}

// Made, used and destroyed by whoever leaves last, right after its unlock(), while others may still be inside theirs.
template <class L>
void check_churn(unsigned threads) {
  struct Shared {
    L lock;
    unsigned left;
    std::unique_ptr<int> data = std::make_unique<int>(0);
  };
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    auto* const shared = new Shared{.lock = {}, .left = threads};
    detail::run_threads(threads, [&, shared](unsigned id) {
      if (id % 3 == 1) {
        while (!shared->lock.try_lock()) sched_yield();
      } else {
        shared->lock.lock();
      }
      ++*shared->data;
      const bool last = --shared->left == 0;
      shared->lock.unlock();
      if (last) delete shared;
    });
  }
}

// A thread that holds many locks while others want them too, releasing them in an order that differs every time.
template <class L>
void check_many_held(unsigned threads, std::size_t count) {
  std::vector<L> locks(count);
  std::vector<unsigned> taken(count, 0);  // each guarded by its lock
  const unsigned rounds = stress_rounds(10);
  detail::run_threads(threads, [&](unsigned id) {
    std::minstd_rand random(id + 1);
    std::vector<std::size_t> order(count);
    for (unsigned round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < count; ++i) {
        locks[i].lock();  // in one order, against deadlock
        ++taken[i];
        order[i] = i;
      }
      std::shuffle(order.begin(), order.end(), random);
      for (const std::size_t i : order) locks[i].unlock();
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(taken[i] == threads * rounds);
    REQUIRE(locks[i].try_lock());
    locks[i].unlock();
  }
}

// Threads that come, use a few locks and end, while the locks live on; the last use of some is in a destructor that runs when
// the thread has ended already for other thread-local objects.
template <class L>
void check_thread_ends() {
  static L late;
  static unsigned late_uses;
  late_uses = 0;
  struct UsesLate {
    ~UsesLate() {
      const std::lock_guard held(late);
      ++late_uses;
    }
  };
  std::vector<L> locks(3);
  unsigned uses = 0;
  const unsigned rounds = stress_rounds(30);
  for (unsigned round = 0; round < rounds; ++round) {
    detail::run_threads(4, [&](unsigned id) {
      // Made before the thread's first lock in half of the threads, so destroyed after whatever the lock keeps per thread.
      if (id % 2 == 0) {
        thread_local const UsesLate early;
        static_cast<void>(early);
      }
      const std::lock_guard first(locks[0]);
      const std::lock_guard second(locks[1 + id % 2]);
      ++uses;
      if (id % 2 == 1) {
        thread_local const UsesLate after;
        static_cast<void>(after);
      }
    });
  }
  CHECK(uses == 4 * rounds);
  const std::lock_guard held(late);
  CHECK(late_uses == 4 * rounds);
}

// Beside a holder with waiters a try fails, and leaves nothing behind.
template <class L>
void check_try_beside_waiters() {
  L lock;
  std::atomic<unsigned> asking{0};
  unsigned entered = 0;
  lock.lock();
  std::vector<std::thread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      ++asking;
      const std::lock_guard held(lock);
      ++entered;
    });
  }
  while (asking != 3) sched_yield();
  for (int i = 0; i < 1'000; ++i) REQUIRE_FALSE(lock.try_lock());
  CHECK(entered == 0);
  lock.unlock();
  for (std::thread& waiter : waiters) waiter.join();
  CHECK(entered == 3);
  REQUIRE(lock.try_lock());
  CHECK_FALSE(lock.try_lock());
  lock.unlock();
}

// Lets threads join the line one by one, each when the one before is seen in it, and compares the order of entering. Between
// two of them a try must not get in.
template <class L>
void check_arrival_order(unsigned threads) {
  for (unsigned round = 0; round < stress_rounds(10); ++round) {
    L lock;
    std::vector<unsigned> entered;
    std::vector<std::thread> waiters;
    lock.lock();
    for (unsigned id = 0; id < threads; ++id) {
      const auto end = lock.line_end();
      waiters.emplace_back([&, id] {
        const std::lock_guard held(lock);
        entered.push_back(id);
      });
      while (lock.line_end() == end) sched_yield();
      REQUIRE_FALSE(lock.try_lock());
    }
    CHECK(entered.empty());
    lock.unlock();
    for (std::thread& waiter : waiters) waiter.join();
    std::vector<unsigned> expected;
    for (unsigned id = 0; id < threads; ++id) expected.push_back(id);
    REQUIRE(entered == expected);
  }
}

}  // namespace crosstalk::pool
