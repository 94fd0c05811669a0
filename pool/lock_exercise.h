// The work that the conformance checks of locks do: threads that take a lock in all its forms and change and read what it
// protects.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <sched.h>

#include "pool/guarded.h"

namespace crosstalk::pool::detail {

// The data under the lock. Everything is a relaxed atomic, so that a broken lock is a wrong answer and not undefined
// behaviour; relaxed adds no ordering that could hide what the lock forgot.
struct Protected {
  std::atomic<std::int64_t> up{0};
  std::atomic<std::int64_t> down{0};
  std::atomic<std::uint64_t> count{0};
};

struct Findings {
  std::atomic<std::uint64_t> torn{0};       // a writer saw another one's half-done change
  std::atomic<std::uint64_t> read_torn{0};  // a reader did
};

// One write: a read-modify-write that another writer inside would destroy, torn in the middle by a yield now and
// then so that being preempted inside the critical section is common and not luck.
inline void write_once(Protected& data, Findings& findings, bool pause) {
  // relaxed (all): see Protected.
  const std::int64_t up = data.up.load(std::memory_order_relaxed);
  if (up != -data.down.load(std::memory_order_relaxed)) {
    findings.torn.fetch_add(1, std::memory_order_relaxed);
  }
  data.up.store(up + 1, std::memory_order_relaxed);
  const std::uint64_t count = data.count.load(std::memory_order_relaxed);
  if (pause) sched_yield();
  data.count.store(count + 1, std::memory_order_relaxed);
  data.down.store(-up - 1, std::memory_order_relaxed);
}

inline void read_once(const Protected& data, Findings& findings, bool pause) {
  // relaxed (all): see Protected.
  const std::int64_t up = data.up.load(std::memory_order_relaxed);
  if (pause) sched_yield();
  if (up != -data.down.load(std::memory_order_relaxed) || up != data.up.load(std::memory_order_relaxed)) {
    findings.read_torn.fetch_add(1, std::memory_order_relaxed);
  }
}

template <class L>
concept TimedLock = requires(L& lock, std::chrono::microseconds time) {
  lock.try_lock_for(time);
};
template <class L>
concept TimedSharedLock = requires(L& lock, std::chrono::microseconds time) {
  lock.try_lock_shared_for(time);
};

// Takes the lock in one of the forms it has, as `random` says; false where that form gives up.
template <class L>
bool enter(L& lock, std::uint32_t random) {
  const std::chrono::microseconds patience((random >> 8) % 64);
  if constexpr (TimedLock<L>) {
    if (random % 8 == 0) return lock.try_lock_for(patience);
  }
  if constexpr (requires { lock.try_lock(); }) {
    if (random % 8 == 1) return lock.try_lock();
  }
  lock.lock();
  return true;
}
template <SharedLock L>
bool enter_shared(L& lock, std::uint32_t random) {
  const std::chrono::microseconds patience((random >> 8) % 64);
  if constexpr (TimedSharedLock<L>) {
    if (random % 8 == 0) return lock.try_lock_shared_for(patience);
  }
  if constexpr (requires { lock.try_lock_shared(); }) {
    if (random % 8 == 1) return lock.try_lock_shared();
  }
  lock.lock_shared();
  return true;
}

// Returns how often it has written.
template <class L>
std::uint64_t exercise(L& lock, Protected& data, Findings& findings, std::uint32_t operations, unsigned id) {
  std::uint64_t writes = 0;
  std::uint32_t random = id * 2654435761U + 1;
  for (std::uint32_t i = 0; i < operations; ++i) {
    random = random * 1664525U + 1013904223U;
    const bool pause = (random >> 16) % 64 == 0;
    const std::uint32_t form = random >> 12;
    if constexpr (SharedLock<L>) {
      if ((random >> 24) % 2 == 0) {
        if (!enter_shared(lock, form)) continue;
        read_once(data, findings, pause);
        lock.unlock_shared();
        continue;
      }
    }
    if (!enter(lock, form)) continue;
    write_once(data, findings, pause);
    lock.unlock();
    ++writes;
  }
  return writes;
}

template <class F>
void run_threads(unsigned threads, F&& f) {
  std::atomic<unsigned> ready{0};
  std::vector<std::thread> all;
  for (unsigned id = 0; id < threads; ++id) {
    all.emplace_back([&, id] {
      // acq_rel/acquire: everybody sees the object as it was made; pairs with the other threads' increments.
      ready.fetch_add(1, std::memory_order_acq_rel);
      while (ready.load(std::memory_order_acquire) < threads) sched_yield();
      f(id);
    });
  }
  for (std::thread& thread : all) thread.join();
}

}  // namespace crosstalk::pool::detail
