// The reader-writer lock: its timed forms, and its bounds against threads that keep arriving.
#include "pool/locks/rw_lock.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

template <class F>
bool rw_on_another_thread(F&& f) {
  bool result = false;
  std::thread([&] { result = f(); }).join();
  return result;
}

void rw_await_writers(const RwLock& lock, unsigned count) {
  while (lock.waiting_writers() != count) sched_yield();
}
void rw_await_readers(const RwLock& lock, unsigned count) {
  while (lock.waiting_readers() != count) sched_yield();
}

// All that a lock which nobody holds or waits for lets through.
void rw_require_free(RwLock& lock) {
  REQUIRE(lock.waiting_readers() == 0);
  REQUIRE(lock.waiting_writers() == 0);
  REQUIRE(lock.try_lock());
  lock.unlock();
  REQUIRE(lock.try_lock_shared());
  REQUIRE(lock.try_lock_shared());
  lock.unlock_shared();
  lock.unlock_shared();
}

// Who is inside, counted by the threads themselves.
struct RwOccupancy {
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
  std::atomic<unsigned> broken{0};

  void write() {
    if (++writers != 1 || readers != 0) ++broken;
    if (writers != 1 || readers != 0) ++broken;
    --writers;
  }
  void read() {
    ++readers;
    if (writers != 0) ++broken;
    --readers;
  }
};

TEST_CASE("rw_lock: the standard's holders take it, with and without time", "[pool][lock][rw_lock]") {
  RwLock lock;
  {
    const std::unique_lock writer(lock, milliseconds(1));
    CHECK(writer.owns_lock());
    CHECK_FALSE(rw_on_another_thread([&] { return std::shared_lock(lock, std::try_to_lock).owns_lock(); }));
    CHECK_FALSE(rw_on_another_thread([&] { return std::unique_lock(lock, microseconds(50)).owns_lock(); }));
  }
  const std::shared_lock reader(lock, std::chrono::steady_clock::now() + milliseconds(1));
  CHECK(reader.owns_lock());
  CHECK(rw_on_another_thread([&] { return std::shared_lock(lock, milliseconds(1)).owns_lock(); }));
}

TEST_CASE("rw_lock: a writer that gives up lets readers in at once", "[pool][lock][rw_lock]") {
  RwLock lock;
  lock.lock_shared();
  CHECK_FALSE(rw_on_another_thread([&] { return lock.try_lock_for(milliseconds(1)); }));
  CHECK(rw_on_another_thread([&] {
    lock.lock_shared();  // hangs if the writer left a trace
    lock.unlock_shared();
    return true;
  }));
  lock.unlock_shared();
  rw_require_free(lock);
}

TEST_CASE("rw_lock: readers asleep behind a writer that gives up are woken", "[pool][lock][rw_lock]") {
  for (unsigned round = 0; round < 20; ++round) {
    RwLock lock;
    lock.lock_shared();
    bool wrote = true;
    std::thread writer([&] { wrote = lock.try_lock_for(milliseconds(3)); });
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        lock.lock_shared();
        lock.unlock_shared();
      });
    }
    // The first hold lasts until all others are through: only the writer's leaving can let the readers in.
    for (std::thread& reader : readers) reader.join();
    writer.join();
    REQUIRE_FALSE(wrote);
    lock.unlock_shared();
    rw_require_free(lock);
  }
}

TEST_CASE("rw_lock: a reader that gives up takes back only its own count", "[pool][lock][rw_lock]") {
  RwLock lock;
  lock.lock();
  CHECK_FALSE(rw_on_another_thread([&] { return lock.try_lock_shared_for(milliseconds(1)); }));
  CHECK(lock.waiting_readers() == 0);
  lock.unlock();
  rw_require_free(lock);
  lock.lock_shared();
  CHECK(lock.try_lock_shared_for(milliseconds(1)));
  lock.unlock_shared();
  CHECK_FALSE(lock.try_lock());
  lock.unlock_shared();
  rw_require_free(lock);
}

TEST_CASE("rw_lock: a deadline long ago is a try, and errno is not touched", "[pool][lock][rw_lock]") {
  RwLock lock;
  errno = 4711;
  REQUIRE(lock.try_lock_until(Deadline{}));
  CHECK_FALSE(lock.try_lock_until(Deadline::min()));
  CHECK_FALSE(lock.try_lock_shared_until(Deadline::min()));
  CHECK_FALSE(lock.try_lock_for(microseconds(200)));
  CHECK_FALSE(lock.try_lock_shared_for(microseconds(200)));
  CHECK(errno == 4711);
  lock.unlock();
  REQUIRE(lock.try_lock_shared_for(std::chrono::nanoseconds::min()));
  lock.unlock_shared();
}

// Whoever comes may take a free lock, but only so often while others wait.
TEST_CASE("rw_lock: readers pass a waiting writer a bounded number of times, then it is owed the lock",
          "[pool][lock][rw_lock]") {
  RwLock lock;
  lock.lock_shared();
  std::thread writer([&] {
    lock.lock();
    lock.unlock();
  });
  rw_await_writers(lock, 1);
  std::uint64_t passed = 0;
  for (; lock.try_lock_shared(); ++passed) lock.unlock_shared();
  CHECK(passed <= RwLock::kPassesMax);
  CHECK_FALSE(lock.try_lock());
  CHECK_FALSE(rw_on_another_thread([&] { return lock.try_lock_shared_for(microseconds(100)); }));
  lock.unlock_shared();
  writer.join();
  rw_require_free(lock);
}

// A reader and two writers sleep while somebody else writes. The lock is taken again as often as a try gets it: then a writer is
// owed it and the reader has been let in.
TEST_CASE("rw_lock: writers pass waiting readers and writers a bounded number of times",
          "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(50); ++round) {
    RwLock lock;
    std::atomic<unsigned> entered{0};
    lock.lock();
    std::vector<std::thread> waiters;
    for (int i = 0; i < 3; ++i) {
      waiters.emplace_back([&, i] {
        i == 0 ? lock.lock_shared() : lock.lock();
        ++entered;
        i == 0 ? lock.unlock_shared() : lock.unlock();
      });
    }
    rw_await_writers(lock, 2);
    rw_await_readers(lock, 1);
    std::uint64_t passed = 0;
    std::uint64_t passed_all = 0;
    do {
      lock.unlock();
      if (entered == 0) passed_all = passed;
      ++passed;
    } while (entered != 3 && lock.try_lock());
    REQUIRE(passed_all <= RwLock::kPassesMax);
    for (std::thread& waiter : waiters) waiter.join();
    REQUIRE(entered == 3);
    rw_require_free(lock);
  }
}

// One waits while three others never pause. However the scheduler may run them, it gets in.
void rw_outlast(bool waiter_writes, bool others_write) {
  RwLock lock;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> others{0};
  std::vector<std::thread> adversaries;
  for (int i = 0; i < 3; ++i) {
    adversaries.emplace_back([&] {
      while (!stop) {
        others_write ? lock.lock() : lock.lock_shared();
        ++others;
        others_write ? lock.unlock() : lock.unlock_shared();
      }
    });
  }
  while (others == 0) sched_yield();
  for (unsigned turn = 0; turn < 5; ++turn) {
    waiter_writes ? lock.lock() : lock.lock_shared();
    waiter_writes ? lock.unlock() : lock.unlock_shared();
  }
  stop = true;
  for (std::thread& thread : adversaries) thread.join();
  rw_require_free(lock);
}

// The chapter's lock lets writers wait without end while readers keep coming.
TEST_CASE("rw_lock: readers that never pause let writers in (unbounded writer starvation)",
          "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) rw_outlast(true, false);
}
TEST_CASE("rw_lock: writers that never pause let readers and writers in", "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(50); ++round) {
    rw_outlast(false, true);
    rw_outlast(true, true);
  }
}

// A writer sleeps behind a reader that stays, and readers keep coming beside it: they pass it no more than the bound says.
TEST_CASE("rw_lock: the readers that pass a sleeping writer are counted", "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(50); ++round) {
    RwLock lock;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> reads{0};
    lock.lock_shared();
    std::uint64_t after = 0;
    std::thread writer([&] {
      lock.lock();
      after = reads;
      lock.unlock();
      stop = true;
    });
    rw_await_writers(lock, 1);
    std::vector<std::thread> adversaries;
    for (int i = 0; i < 3; ++i) {
      adversaries.emplace_back([&] {
        while (!stop) {
          lock.lock_shared();
          ++reads;
          lock.unlock_shared();
        }
      });
    }
    rw_await_readers(lock, 3);  // they are kept out now, while the first reader still is in
    CHECK(reads <= RwLock::kPassesMax);
    lock.unlock_shared();
    writer.join();
    for (std::thread& thread : adversaries) thread.join();
    REQUIRE(after <= RwLock::kPassesMax);
    rw_require_free(lock);
  }
}

TEST_CASE("rw_lock: more threads than it has places for sleepers", "[pool][lock][rw_lock][stress]") {
  RwLock lock;
  std::uint64_t count = 0;
  lock.lock();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < (kSanitized ? 40U : 1'100U); ++i) {
    threads.emplace_back([&] {
      lock.lock();
      ++count;
      lock.unlock();
    });
  }
  rw_await_writers(lock, kSanitized ? 40U : 1'023U);
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  CHECK(count == threads.size());
  rw_require_free(lock);
}

TEST_CASE(
    "rw_lock: writers are alone and never with readers, in all forms (a write lock that excludes nobody)",
    "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(150); ++round) {
    const auto lock = std::make_unique<RwLock>();
    RwOccupancy inside;
    detail::run_threads(4, [&](unsigned id) {
      for (unsigned n = 0; n < 200; ++n) {
        const microseconds patience((n * 7 + id) % 20);
        switch ((n * 5 + id) % 7) {
          case 0:
            lock->lock();
            break;
          case 1:
            if (!lock->try_lock()) continue;
            break;
          case 2:
            if (!lock->try_lock_for(patience)) continue;
            break;
          case 3:
            if (!lock->try_lock_shared()) continue;
            inside.read();
            lock->unlock_shared();
            continue;
          case 4:
            if (!lock->try_lock_shared_for(patience)) continue;
            inside.read();
            lock->unlock_shared();
            continue;
          default:
            lock->lock_shared();
            inside.read();
            lock->unlock_shared();
            continue;
        }
        inside.write();
        if (n % 16 == 0) sched_yield();
        lock->unlock();
      }
    });
    REQUIRE(inside.broken == 0);
    rw_require_free(*lock);
  }
}

// Impatient waiters keep giving up, now and then just when they are woken. A wake-up lost with one of them would leave the
// patient ones asleep for ever.
TEST_CASE("rw_lock: waiters that give up lose nobody's wake-up", "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    RwLock lock;
    std::atomic<bool> stop{false};
    std::vector<std::thread> impatient;
    for (unsigned i = 0; i < 2; ++i) {
      impatient.emplace_back([&, i] {
        for (unsigned n = 0; !stop; ++n) {
          const microseconds patience((n + round) % 40);
          if (i == 0 && lock.try_lock_for(patience)) lock.unlock();
          if (i == 1 && lock.try_lock_shared_for(patience)) lock.unlock_shared();
        }
      });
    }
    std::uint64_t count = 0;
    detail::run_threads(3, [&](unsigned id) {
      for (unsigned n = 0; n < 60; ++n) {
        if (id == 2) {
          lock.lock_shared();
          lock.unlock_shared();
          continue;
        }
        lock.lock();
        ++count;
        if (n % 2 == 0) sched_yield();
        lock.unlock();
      }
    });
    stop = true;
    for (std::thread& thread : impatient) thread.join();
    REQUIRE(count == 120);
    rw_require_free(lock);
  }
}

TEST_CASE("rw_lock: who got in last may destroy it", "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(3'000); ++round) {
    auto lock = std::make_unique<RwLock>();
    lock->lock();
    std::thread first([&held = *lock] { held.unlock(); });
    lock->lock();
    lock->unlock();
    lock.reset();
    first.join();
  }
}

}  // namespace
}  // namespace crosstalk::pool
