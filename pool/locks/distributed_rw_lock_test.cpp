// The distributed lock: its door, and readers and writers that never pause.
#include "pool/locks/distributed_rw_lock.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

template <class F>
bool distributed_on_another_thread(F&& f) {
  bool result = false;
  std::thread([&] { result = f(); }).join();
  return result;
}

TEST_CASE("distributed_rw_lock keeps its contract with few and with many threads",
          "[pool][lock][distributed]") {
  for (const unsigned threads : {2U, 5U, 40U}) {
    const auto report = check_lock<DistributedRwLock>(
        {.threads = threads, .rounds = stress_rounds(10), .operations = 3'200 / threads});
    INFO(threads << " threads: " << report.property << ": " << report.detail);
    CHECK(report.passed);
  }
}

TEST_CASE("distributed_rw_lock: a writer sees readers of every slot", "[pool][lock][distributed]") {
  DistributedRwLock lock;
  for (std::size_t i = 0; i < DistributedRwLock::kSlots + 1; ++i) {
    std::atomic<bool> in{false};
    std::atomic<bool> leave{false};
    std::thread reader([&] {
      lock.lock_shared();
      in = true;
      while (!leave) sched_yield();
      lock.unlock_shared();
    });
    while (!in) sched_yield();
    CHECK_FALSE(lock.try_lock());
    CHECK(distributed_on_another_thread([&] {
      if (!lock.try_lock_shared()) return false;  // the failed try has opened the door again
      lock.unlock_shared();
      return true;
    }));
    leave = true;
    reader.join();
    REQUIRE(lock.try_lock());
    lock.unlock();
  }
}

// Whoever waits while a writer is in, is let in before the next writer, however many keep coming.
TEST_CASE("distributed_rw_lock: a reader waits for one writer", "[pool][lock][distributed][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    DistributedRwLock lock;
    std::atomic<unsigned> writes{0};
    std::atomic<bool> stop{false};
    lock.lock();
    unsigned passed = 0;
    std::thread reader([&] {
      lock.lock_shared();
      passed = writes;
      lock.unlock_shared();
      stop = true;
    });
    while (lock.waiting_readers() == 0) sched_yield();
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
    lock.unlock();
    reader.join();
    for (std::thread& writer : writers) writer.join();
    REQUIRE(passed == 0);
    REQUIRE(lock.waiting_readers() == 0);
    REQUIRE(lock.try_lock());
    lock.unlock();
  }
}

TEST_CASE("distributed_rw_lock: readers that never pause do not starve writers",
          "[pool][lock][distributed][stress]") {
  DistributedRwLock lock;
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
  for (; writes < stress_rounds(500); ++writes) {
    lock.lock();
    lock.unlock();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(writes == stress_rounds(500));
}

TEST_CASE("distributed_rw_lock: who got in last may destroy it", "[pool][lock][distributed][stress]") {
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    auto lock = std::make_unique<DistributedRwLock>();
    const bool reads = round % 2 == 0;
    std::atomic<bool> in{false};
    std::thread first([&held = *lock, &in, reads] {
      reads ? held.lock_shared() : held.lock();
      in = true;
      reads ? held.unlock_shared() : held.unlock();
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
