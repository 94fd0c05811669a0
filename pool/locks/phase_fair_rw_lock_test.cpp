// The phase-fair lock: its bounds, and its turns when tries give up.
#include "pool/locks/phase_fair_rw_lock.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("phase_fair_rw_lock keeps its contract with few and with many threads",
          "[pool][lock][phase_fair]") {
  for (const unsigned threads : {2U, 5U, 16U}) {
    const auto report = check_lock<PhaseFairRwLock>(
        {.threads = threads, .rounds = stress_rounds(10), .operations = 1'600 / threads});
    INFO(threads << " threads: " << report.property << ": " << report.detail);
    CHECK(report.passed);
  }
}

TEST_CASE("phase_fair_rw_lock: a try that fails passes its turn on", "[pool][lock][phase_fair]") {
  PhaseFairRwLock lock;
  lock.lock_shared();
  CHECK_FALSE(lock.try_lock());
  CHECK(lock.try_lock_shared());
  lock.unlock_shared();
  lock.unlock_shared();
  REQUIRE(lock.try_lock());
  CHECK_FALSE(lock.try_lock());
  CHECK_FALSE(lock.try_lock_shared());
  lock.unlock();
  lock.lock();  // hangs if a turn was lost
  lock.unlock();
  CHECK(lock.writers() == 0);
}

// A writer waits behind the first reader; readers that come later wait for it although only readers are in.
TEST_CASE("phase_fair_rw_lock: no reader passes a writer that waits", "[pool][lock][phase_fair][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    PhaseFairRwLock lock;
    std::atomic<bool> wrote{false};
    lock.lock_shared();
    std::thread writer([&] {
      lock.lock();
      wrote = true;
      lock.unlock();
    });
    while (lock.try_lock_shared()) lock.unlock_shared();  // until the writer is present
    std::atomic<unsigned> early{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        lock.lock_shared();
        if (!wrote) ++early;
        lock.unlock_shared();
      });
    }
    lock.unlock_shared();
    writer.join();
    for (std::thread& reader : readers) reader.join();
    REQUIRE(early == 0);
  }
}

// Three writers keep coming. A reader that comes while one is in waits for that one alone.
TEST_CASE("phase_fair_rw_lock: a reader waits for one writer, however many wait",
          "[pool][lock][phase_fair][stress]") {
  for (unsigned round = 0; round < stress_rounds(30); ++round) {
    PhaseFairRwLock lock;
    std::atomic<bool> stop{false};
    std::atomic<unsigned> writes{0};
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i) {
      writers.emplace_back([&] {
        while (!stop) {
          lock.lock();
          ++writes;
          lock.unlock();
        }
      });
    }
    while (writes == 0) sched_yield();
    for (int read = 0; read < 20; ++read) {
      lock.lock_shared();
      const unsigned before = writes;
      sched_yield();
      const unsigned after = writes;
      lock.unlock_shared();
      REQUIRE(before == after);
    }
    stop = true;
    for (std::thread& writer : writers) writer.join();
  }
}

TEST_CASE("phase_fair_rw_lock: readers that never pause do not starve writers",
          "[pool][lock][phase_fair][stress]") {
  PhaseFairRwLock lock;
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
  unsigned writes = 0;
  for (; writes < stress_rounds(200); ++writes) {
    lock.lock();
    lock.unlock();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(writes == stress_rounds(200));
}

TEST_CASE("phase_fair_rw_lock: who got in last may destroy it", "[pool][lock][phase_fair][stress]") {
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    auto lock = std::make_unique<PhaseFairRwLock>();
    lock->lock();
    std::thread first([&held = *lock] { held.unlock(); });
    round % 2 == 0 ? lock->lock() : lock->lock_shared();
    round % 2 == 0 ? lock->unlock() : lock->unlock_shared();
    lock.reset();
    first.join();
  }
}

}  // namespace
}  // namespace crosstalk::pool
