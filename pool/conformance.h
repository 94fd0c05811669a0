// What any lock must do to be measured: checks against its contract, without a test framework, for the built-in
// locks' tests and for locks that users plug in.
//
// The checks end by count, not by time. A lock that never lets a thread in hangs them: run them in a process of their
// own with a time-out where the lock is not trusted.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>

#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

struct ConformanceOptions {
  unsigned threads = 4;
  unsigned rounds = 20;              // fresh lock each
  std::uint32_t operations = 2'000;  // per thread and round
};

struct ConformanceReport {
  bool passed = true;
  std::string property;  // the one that broke
  std::string detail;
};

namespace detail {

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
void exercise(L& lock, Protected& data, Findings& findings, std::uint32_t operations, unsigned id) {
  std::uint32_t random = id * 2654435761U + 1;
  for (std::uint32_t i = 0; i < operations; ++i) {
    random = random * 1664525U + 1013904223U;
    const bool pause = (random >> 16) % 64 == 0;
    if constexpr (SharedLock<L>) {
      if ((random >> 24) % 2 == 0) {
        lock.lock_shared();
        read_once(data, findings, pause);
        lock.unlock_shared();
        continue;
      }
    }
    lock.lock();
    write_once(data, findings, pause);
    lock.unlock();
  }
}

// Writes of `exercise` per thread: the same arithmetic, without the lock.
template <class L>
std::uint64_t writes_of(std::uint32_t operations, unsigned id) {
  if constexpr (!SharedLock<L>) return operations;
  std::uint64_t writes = 0;
  std::uint32_t random = id * 2654435761U + 1;
  for (std::uint32_t i = 0; i < operations; ++i) {
    random = random * 1664525U + 1013904223U;
    if ((random >> 24) % 2 != 0) ++writes;
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

inline ConformanceReport broken(std::string property, std::string detail) {
  return {.passed = false, .property = std::move(property), .detail = std::move(detail)};
}

template <class L>
ConformanceReport check_exclusion(const ConformanceOptions& options) {
  for (unsigned round = 0; round < options.rounds; ++round) {
    L lock;
    Protected data;
    Findings findings;
    run_threads(options.threads,
                [&](unsigned id) { exercise(lock, data, findings, options.operations, id); });
    std::uint64_t writes = 0;
    for (unsigned id = 0; id < options.threads; ++id) writes += writes_of<L>(options.operations, id);
    // relaxed: read after join.
    const std::uint64_t lost = writes - data.count.load(std::memory_order_relaxed);
    const std::uint64_t torn = findings.torn.load(std::memory_order_relaxed);
    const std::uint64_t read_torn = findings.read_torn.load(std::memory_order_relaxed);
    if (torn != 0 || lost != 0) {
      return broken("exclusion", std::to_string(lost) + " of " + std::to_string(writes) +
                                     " updates lost, two writers inside " + std::to_string(torn) + " times");
    }
    if (read_torn != 0) {
      return broken("exclusion of readers",
                    "a reader ran beside a writer " + std::to_string(read_torn) + " times");
    }
  }
  return {};
}

// Two readers meet inside: each waits there for the other. Hangs if the lock does not let them, so it is only asked of
// locks that promise it.
template <SharedLock L>
ConformanceReport check_sharing() {
  L lock;
  std::atomic<unsigned> inside{0};
  run_threads(2, [&](unsigned) {
    lock.lock_shared();
    // acq_rel/acquire: a rendezvous; pairs with the other reader's increment.
    inside.fetch_add(1, std::memory_order_acq_rel);
    while (inside.load(std::memory_order_acquire) < 2) sched_yield();
    lock.unlock_shared();
  });
  return {};
}

template <class L>
ConformanceReport check_try_lock() {
  L lock;
  lock.lock();
  bool entered = false;
  std::thread([&] { entered = lock.try_lock(); }).join();
  if (entered) return broken("try_lock", "succeeded while another thread held the lock");
  if constexpr (requires { lock.try_lock_shared(); }) {
    std::thread([&] { entered = lock.try_lock_shared(); }).join();
    if (entered) return broken("try_lock_shared", "succeeded while a writer held the lock");
  }
  lock.unlock();
  return {};
}

}  // namespace detail

// Checks lock L against its contract. Takes a fraction of a second with the default options.
template <ExclusiveLock L>
ConformanceReport check_lock(const ConformanceOptions& options = {}) {
  constexpr LockContract contract = kContractOf<L>;
  if constexpr (contract.one_thread || !contract.exclusive) return {};
  ConformanceReport report = detail::check_exclusion<L>(options);
  if (!report.passed) return report;
  if constexpr (SharedLock<L> && contract.shared) {
    report = detail::check_sharing<L>();
    if (!report.passed) return report;
  }
  if constexpr (requires(L & lock) { lock.try_lock(); }) return detail::check_try_lock<L>();
  return report;
}

}  // namespace crosstalk::pool
