// The biased lock over two locks: the ways in and out of the bias, and writers against readers that never pause.
#include "pool/locks/bravo_lock.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/locks/rw_lock.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// Reads until the lock is biased, which it becomes after some reads and the time that the last revocation forbids.
template <class L>
void bravo_read_until_biased(BravoLock<L>& lock) {
  while (!lock.biased()) {
    lock.lock_shared();
    lock.unlock_shared();
  }
}

template <class F>
bool bravo_on_another_thread(F&& f) {
  bool result = false;
  std::thread([&] { result = f(); }).join();
  return result;
}

using BravoBases = std::tuple<std::shared_mutex, RwLock>;

TEMPLATE_LIST_TEST_CASE("bravo_lock keeps its contract with few and with many threads", "[pool][lock][bravo]",
                        BravoBases) {
  for (const unsigned threads : {2U, 5U, 16U}) {
    const auto report = check_lock<BravoLock<TestType>>(
        {.threads = threads, .rounds = stress_rounds(10), .operations = 3'200 / threads});
    INFO(threads << " threads: " << report.property << ": " << report.detail);
    CHECK(report.passed);
  }
}

TEMPLATE_LIST_TEST_CASE("bravo_lock: a writer waits for readers of the table and ends the bias",
                        "[pool][lock][bravo]", BravoBases) {
  BravoLock<TestType> lock;
  bravo_read_until_biased(lock);
  lock.lock_shared();  // by the table
  CHECK_FALSE(bravo_on_another_thread([&] { return lock.try_lock(); }));
  CHECK(lock.biased());  // the failed try has left it as it was
  std::atomic<bool> wrote{false};
  std::thread writer([&] {
    lock.lock();
    wrote = true;
    lock.unlock();
  });
  while (lock.biased()) sched_yield();
  CHECK_FALSE(wrote);
  CHECK_FALSE(bravo_on_another_thread([&] { return lock.try_lock_shared(); }));
  lock.unlock_shared();
  writer.join();
  CHECK(wrote);
  bravo_read_until_biased(lock);  // it comes again
}

TEST_CASE("bravo_lock: a thread that reads twice leaves twice", "[pool][lock][bravo]") {
  BravoLock<std::shared_mutex> lock;
  bravo_read_until_biased(lock);
  lock.lock_shared();               // by the table
  REQUIRE(lock.try_lock_shared());  // by the lock below, since the place is taken
  lock.unlock_shared();
  CHECK_FALSE(bravo_on_another_thread([&] { return lock.try_lock(); }));
  lock.unlock_shared();
  CHECK(bravo_on_another_thread([&] {
    if (!lock.try_lock()) return false;
    lock.unlock();
    return true;
  }));
}

TEST_CASE("bravo_lock: a writer's deadline holds against readers of the table", "[pool][lock][bravo]") {
  BravoLock<RwLock> lock;
  bravo_read_until_biased(lock);
  lock.lock_shared();
  CHECK_FALSE(bravo_on_another_thread([&] { return lock.try_lock_for(std::chrono::microseconds(100)); }));
  CHECK(bravo_on_another_thread([&] {
    if (!lock.try_lock_shared_for(std::chrono::microseconds(100))) return false;
    lock.unlock_shared();
    return true;
  }));
  lock.unlock_shared();
  REQUIRE(lock.try_lock_for(std::chrono::seconds(1)));
  lock.unlock();
}

// A process has one table: locks meet in it, and more threads than fit without collisions.
TEST_CASE("bravo_lock: many locks and threads share the table", "[pool][lock][bravo][stress]") {
  struct Cell {
    BravoLock<RwLock> lock;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
  };
  for (unsigned round = 0; round < stress_rounds(10); ++round) {
    std::vector<Cell> cells(64);
    std::atomic<unsigned> torn{0};
    std::atomic<std::uint64_t> writes{0};
    detail::run_threads(12, [&](unsigned id) {
      for (unsigned i = 0; i < 2'000; ++i) {
        Cell& cell = cells[(i * 7 + id) % cells.size()];
        if (i % 100 == id) {
          cell.lock.lock();
          ++cell.a;
          ++cell.b;
          cell.lock.unlock();
          ++writes;
        } else {
          cell.lock.lock_shared();
          if (cell.a != cell.b) ++torn;
          cell.lock.unlock_shared();
        }
      }
    });
    std::uint64_t counted = 0;
    for (const Cell& cell : cells) counted += cell.a;
    REQUIRE(torn == 0);
    REQUIRE(counted == writes);
  }
}

TEST_CASE("bravo_lock: readers that never pause do not starve writers", "[pool][lock][bravo][stress]") {
  BravoLock<RwLock> lock;
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        lock.lock_shared();
        lock.unlock_shared();
      }
    });
  }
  unsigned revoked = 0;
  while (revoked < stress_rounds(100)) {
    if (lock.biased()) ++revoked;
    lock.lock();
    lock.unlock();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(revoked == stress_rounds(100));
}

TEST_CASE("bravo_lock: who got in last may destroy it", "[pool][lock][bravo][stress]") {
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    auto lock = std::make_unique<BravoLock<RwLock>>();
    bravo_read_until_biased(*lock);
    std::atomic<bool> in{false};
    std::thread first([&held = *lock, &in] {
      held.lock_shared();
      in = true;
      held.unlock_shared();
    });
    while (!in) sched_yield();
    lock->lock();
    lock->unlock();
    lock.reset();
    first.join();
  }
}

}  // namespace
}  // namespace crosstalk::pool
