// Locks with a deliberate bug, each beside the same lock without it: `broken` is the only difference. They are here to be caught.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include <sched.h>

#include "pool/contract.h"
#include "pool/sync/futex.h"

namespace crosstalk::harness::verify {

// M00: the control. A verifier that does not catch it must not be believed.
struct BustedLock {
  static constexpr pool::LockContract kContract{.algorithm = "nothing at all", .source = "specimen M00"};
  void lock() noexcept {}
  void unlock() noexcept {}
};

// A reader-writer lock of mutex and condition variable, the base of several mutants.
class PlainRwLock {
 public:
  void lock_shared() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return !writer_; });
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard guard(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }

 protected:
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  int readers_ = 0;
  bool writer_ = false;
};

// M01, of the chapter: the writer waits until no reader is there, drops the inner lock and writes. Nothing says that it is there.
template <bool broken>
class M01Lock : public PlainRwLock {
 public:
  static constexpr pool::LockContract kContract{
      .shared = true, .parks = true, .algorithm = "the chapter's RWLock", .source = "specimen M01"};
  void lock() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return readers_ == 0 && !writer_; });
    writer_ = !broken;
  }
  void unlock() {
    const std::lock_guard guard(mutex_);
    writer_ = false;
    changed_.notify_all();
  }
};

// M02: writers exclude each other, but readers are let in during a write.
template <bool broken>
class M02Lock {
 public:
  static constexpr pool::LockContract kContract{
      .shared = true, .parks = true, .algorithm = "two mutexes", .source = "specimen M02"};
  void lock() {
    writers_.lock();
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return readers_ == 0; });
    writing_ = true;
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      writing_ = false;
      changed_.notify_all();
    }
    writers_.unlock();
  }
  void lock_shared() {
    std::unique_lock guard(mutex_);
    if (!broken) changed_.wait(guard, [this] { return !writing_; });
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard guard(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }

 private:
  std::mutex writers_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  int readers_ = 0;
  bool writing_ = false;
};

// M03: unlock() stores relaxed instead of release. On x86 the processor hides it.
template <bool broken>
class M03Lock {
 public:
  static constexpr pool::LockContract kContract{.algorithm = "test and set", .source = "specimen M03"};
  void lock() noexcept {
    // acquire: pairs with the release in unlock().
    while (held_.exchange(true, std::memory_order_acquire)) sched_yield();
  }
  void unlock() noexcept {
    // relaxed: the bug; release: the twin.
    held_.store(false, broken ? std::memory_order_relaxed : std::memory_order_release);
  }

 private:
  std::atomic<bool> held_{false};
};

// M04: Drepper's mutex (0 free, 1 held, 2 held and waited for). Who was woken takes it as 1: those who sleep on are forgotten.
template <bool broken>
class M04Lock {
 public:
  static constexpr pool::LockContract kContract{
      .parks = true, .algorithm = "three-state futex", .source = "specimen M04"};
  void lock() noexcept {
    std::uint32_t seen = 0;
    // acquire (all): pairs with the release in unlock(); relaxed: a failure is looked at again.
    if (state_.compare_exchange_strong(seen, 1, std::memory_order_acquire, std::memory_order_relaxed)) return;
    std::uint32_t mine = 2;
    for (;;) {
      if (seen != 2) seen = state_.exchange(2, std::memory_order_acquire);
      if (seen == 0) return;
      pool::futex_wait(word(), 2, pool::kNoDeadline);
      if (broken) mine = 1;
      seen = 0;
      // acquire, relaxed: as above.
      if (state_.compare_exchange_strong(seen, mine, std::memory_order_acquire, std::memory_order_relaxed))
        return;
    }
  }
  void unlock() noexcept {
    // release: pairs with the acquire in lock().
    if (state_.exchange(0, std::memory_order_release) == 2) pool::futex_wake(word(), 1);
  }

 private:
  [[nodiscard]] const std::uint32_t* word() const noexcept {
    return reinterpret_cast<const std::uint32_t*>(&state_);
  }
  std::atomic<std::uint32_t> state_{0};
};

// M05: the end of a write wakes one waiter where several readers may wait.
template <bool broken>
class M05Lock : public PlainRwLock {
 public:
  static constexpr pool::LockContract kContract{
      .shared = true, .parks = true, .algorithm = "mutex, condition variable", .source = "specimen M05"};
  void lock() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return readers_ == 0 && !writer_; });
    writer_ = true;
  }
  void unlock() {
    const std::lock_guard guard(mutex_);
    writer_ = false;
    broken ? changed_.notify_one() : changed_.notify_all();
  }
};

// M06: `if` instead of `while`: who is woken does not look whether somebody was faster.
template <bool broken>
class M06Lock {
 public:
  static constexpr pool::LockContract kContract{
      .parks = true, .algorithm = "mutex, condition variable", .source = "specimen M06"};
  void lock() {
    std::unique_lock guard(mutex_);
    while (taken_) {
      free_.wait(guard);
      if (broken) break;
    }
    taken_ = true;
  }
  bool try_lock() {
    const std::lock_guard guard(mutex_);
    return !taken_ && (taken_ = true);
  }
  void unlock() {
    const std::lock_guard guard(mutex_);
    taken_ = false;
    free_.notify_one();
  }

 private:
  std::mutex mutex_;  // guards the members below
  std::condition_variable free_;
  bool taken_ = false;
};

// M07: a reader whose time is over takes back a count that it never added.
template <bool broken>
class M07Lock : public M05Lock<false> {
 public:
  static constexpr pool::LockContract kContract{
      .shared = true, .parks = true, .algorithm = "mutex, condition variable", .source = "specimen M07"};
  template <class Rep, class Period>
  bool try_lock_shared_for(std::chrono::duration<Rep, Period> time) {
    std::unique_lock guard(mutex_);
    if (!changed_.wait_for(guard, time, [this] { return !writer_; })) {
      if (broken) --readers_;
      return false;
    }
    ++readers_;
    return true;
  }
};

}  // namespace crosstalk::harness::verify
