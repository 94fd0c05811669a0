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

TEST_CASE("rw_lock: try_lock does not overtake who waits", "[pool][lock][rw_lock]") {
  RwLock lock;
  lock.lock_shared();
  std::thread writer([&] { static_cast<void>(lock.try_lock_until(kNoDeadline)), lock.unlock(); });
  rw_await_writers(lock, 1);
  CHECK_FALSE(lock.try_lock());
  CHECK_FALSE(lock.try_lock_shared());
  lock.unlock_shared();
  writer.join();
  rw_require_free(lock);
}

// How many writes a reader lets pass that comes while three writers wait and keep coming; until then another writer holds the
// lock, or a reader.
unsigned rw_writes_before_reader(bool writer_first) {
  RwLock lock;
  std::atomic<unsigned> writes{0};
  std::atomic<bool> stop{false};
  writer_first ? lock.lock() : lock.lock_shared();
  std::vector<std::thread> adversaries;
  for (int i = 0; i < 3; ++i) {
    adversaries.emplace_back([&] {
      while (!stop) {
        lock.lock();
        ++writes;
        lock.unlock();
      }
    });
  }
  rw_await_writers(lock, 3);
  unsigned passed = 0;
  std::thread reader([&] {
    lock.lock_shared();
    passed = writes;
    lock.unlock_shared();
    stop = true;
  });
  rw_await_readers(lock, 1);
  writer_first ? lock.unlock() : lock.unlock_shared();
  reader.join();
  for (std::thread& thread : adversaries) thread.join();
  rw_require_free(lock);
  return passed;
}

TEST_CASE("rw_lock: a reader waits for one writer, however many keep arriving",
          "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(200); ++round) {
    REQUIRE(rw_writes_before_reader(true) == 0);   // it was the one that held the lock
    REQUIRE(rw_writes_before_reader(false) == 1);  // it was one of those that waited
  }
}

// The chapter's lock lets writers wait without end while readers keep coming. Here one that waits keeps all later readers out.
TEST_CASE("rw_lock: no reader passes a waiting writer (unbounded writer starvation)",
          "[pool][lock][rw_lock][stress]") {
  for (unsigned round = 0; round < stress_rounds(200); ++round) {
    RwLock lock;
    std::atomic<unsigned> reads{0};
    std::atomic<bool> stop{false};
    lock.lock_shared();
    unsigned passed = 0;
    std::thread writer([&] {
      lock.lock();
      passed = reads;
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
    rw_await_readers(lock, 3);
    lock.unlock_shared();
    writer.join();
    for (std::thread& thread : adversaries) thread.join();
    REQUIRE(passed == 0);
    rw_require_free(lock);
  }
}

// Readers and other writers keep arriving while one writer waits: each other writer passes it at most once, and each such
// write and the first hold let at most one batch of readers pass.
TEST_CASE("rw_lock: a waiting writer is passed at most once by each other writer",
          "[pool][lock][rw_lock][stress]") {
  constexpr unsigned kWriters = 3;
  constexpr unsigned kReaders = 2;
  for (unsigned round = 0; round < stress_rounds(150); ++round) {
    RwLock lock;
    std::vector<std::atomic<unsigned>> writes(kWriters);
    std::atomic<unsigned> reads{0};
    std::atomic<bool> stop{false};
    lock.lock();
    std::vector<std::thread> threads;
    const auto keep_writing = [&](unsigned i) {
      while (!stop) {
        lock.lock();
        ++writes[i];
        lock.unlock();
      }
    };
    threads.emplace_back(keep_writing,
                         0);  // comes first, so that the one observed is not in the batch in turn
    rw_await_writers(lock, 1);
    std::vector<unsigned> passed(kWriters);
    unsigned reads_passed = 0;
    threads.emplace_back([&] {
      lock.lock();
      for (unsigned i = 0; i < kWriters; ++i) passed[i] = writes[i];
      reads_passed = reads;
      lock.unlock();
      stop = true;
    });
    rw_await_writers(lock, 2);
    for (unsigned i = 1; i < kWriters; ++i) threads.emplace_back(keep_writing, i);
    for (unsigned i = 0; i < kReaders; ++i) {
      threads.emplace_back([&] {
        while (!stop) {
          lock.lock_shared();
          ++reads;
          lock.unlock_shared();
        }
      });
    }
    rw_await_writers(lock, 1 + kWriters);
    rw_await_readers(lock, kReaders);
    lock.unlock();
    for (std::thread& thread : threads) thread.join();
    REQUIRE(passed[0] <= 2);  // its first turn was before the observed writer's arrival
    REQUIRE(passed[1] <= 1);
    REQUIRE(passed[2] <= 1);
    REQUIRE(reads_passed <= kReaders * (1 + passed[0] + passed[1] + passed[2]));
  }
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
