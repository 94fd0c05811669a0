// Locks that look odd and keep their contract: accusing one of them is a false alarm.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "pool/contract.h"

namespace crosstalk::harness::verify {

// try_lock() fails now and then although nobody is inside, as the standard allows.
class SpuriousLock {
 public:
  static constexpr pool::LockContract kContract{
      .parks = true, .algorithm = "try_lock fails at times", .source = "decoy"};
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  bool try_lock() {
    // relaxed: any number will do.
    if (tries_.fetch_add(1, std::memory_order_relaxed) % 3 == 0) return false;
    return mutex_.try_lock();
  }

 private:
  std::mutex mutex_;
  std::atomic<unsigned> tries_{0};
};

// Slow, and nothing else: one lock() in 64 takes 5 ms longer.
class SleepyLock {
 public:
  static constexpr pool::LockContract kContract{
      .parks = true, .algorithm = "sleeps 5 ms at times", .source = "decoy"};
  void lock() {
    // relaxed: any number will do.
    if (turns_.fetch_add(1, std::memory_order_relaxed) % 64 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
  std::atomic<unsigned> turns_{0};
};

}  // namespace crosstalk::harness::verify
