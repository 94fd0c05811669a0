// What any lock must do to be measured: checks against its contract, without a test framework, for the built-in
// locks' tests and for locks that users plug in.
//
// The checks end by count, not by time. A lock that never lets a thread in hangs them: run them in a process of their
// own with a time-out where the lock is not trusted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>

#include <sched.h>

#include "pool/contract.h"
#include "pool/guarded.h"
#include "pool/lock_exercise.h"

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

inline ConformanceReport broken(std::string property, std::string detail) {
  return {.passed = false, .property = std::move(property), .detail = std::move(detail)};
}

template <class L>
ConformanceReport check_exclusion(const ConformanceOptions& options) {
  for (unsigned round = 0; round < options.rounds; ++round) {
    L lock;
    Protected data;
    Findings findings;
    std::atomic<std::uint64_t> writes{0};
    run_threads(options.threads, [&](unsigned id) {
      // relaxed: a sum, read after join.
      writes.fetch_add(exercise(lock, data, findings, options.operations, id), std::memory_order_relaxed);
    });
    // relaxed (all below): read after join.
    const std::uint64_t written = writes.load(std::memory_order_relaxed);
    const std::uint64_t lost = written - data.count.load(std::memory_order_relaxed);
    const std::uint64_t torn = findings.torn.load(std::memory_order_relaxed);
    const std::uint64_t read_torn = findings.read_torn.load(std::memory_order_relaxed);
    if (torn != 0 || lost != 0) {
      return broken("exclusion", std::to_string(lost) + " of " + std::to_string(written) +
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

// What another thread gets of the lock; it gives back what it got. A try may fail for no reason, a few times.
template <class L, class Try, class Unlock>
bool other_thread_gets(L& lock, Try&& try_it, Unlock&& unlock, unsigned attempts = 1) {
  bool entered = false;
  std::thread([&] {
    for (unsigned i = 0; i < attempts && !entered; ++i) entered = try_it(lock);
    if (entered) unlock(lock);
  }).join();
  return entered;
}

inline constexpr unsigned kTries = 1'000;
inline constexpr std::chrono::microseconds kPatience{100};

// A try never gets what it must not, gets what is free, and leaves nothing behind when it fails.
template <class L>
ConformanceReport check_try_lock() {
  L lock;
  const auto unlock = [](L& l) { l.unlock(); };
  const auto try_it = [](L& l) { return l.try_lock(); };
  const auto timed = [](L& l) {
    if constexpr (TimedLock<L>) return l.try_lock_for(kPatience);
    return false;
  };
  {
    const std::lock_guard held(lock);
    if (other_thread_gets(lock, try_it, unlock)) {
      return broken("try_lock", "succeeded while another thread held the lock");
    }
    if (other_thread_gets(lock, timed, unlock)) {
      return broken("try_lock_for", "succeeded while another thread held the lock");
    }
  }
  if (!other_thread_gets(lock, try_it, unlock, kTries)) return broken("try_lock", "fails on a free lock");
  if (TimedLock<L> && !other_thread_gets(lock, timed, unlock, kTries)) {
    return broken("try_lock_for", "fails on a free lock");
  }
  return {};
}

template <SharedLock L>
ConformanceReport check_try_lock_shared() {
  L lock;
  const auto unlock = [](L& l) { l.unlock(); };
  const auto unlock_shared = [](L& l) { l.unlock_shared(); };
  const auto try_shared = [](L& l) { return l.try_lock_shared(); };
  {
    const std::lock_guard held(lock);
    if (other_thread_gets(lock, try_shared, unlock_shared)) {
      return broken("try_lock_shared", "succeeded while a writer held the lock");
    }
    if constexpr (TimedSharedLock<L>) {
      if (other_thread_gets(
              lock, [](L& l) { return l.try_lock_shared_for(kPatience); }, unlock_shared)) {
        return broken("try_lock_shared_for", "succeeded while a writer held the lock");
      }
    }
  }
  const std::shared_lock held(lock);
  if constexpr (TimedLock<L>) {
    if (other_thread_gets(
            lock, [](L& l) { return l.try_lock_for(kPatience); }, unlock)) {
      return broken("try_lock_for", "succeeded while a reader held the lock");
    }
  }
  if (kContractOf<L>.shared && !other_thread_gets(lock, try_shared, unlock_shared, kTries)) {
    return broken("try_lock_shared", "fails beside a reader, with no writer there");
  }
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
  if constexpr (requires(L & lock) { lock.try_lock(); }) report = detail::check_try_lock<L>();
  if constexpr (SharedLock<L> && requires(L & lock) { lock.try_lock_shared(); }) {
    if (report.passed) report = detail::check_try_lock_shared<L>();
  }
  return report;
}

}  // namespace crosstalk::pool
