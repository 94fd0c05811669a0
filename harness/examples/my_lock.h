// A lock of one's own: lock() and unlock() are all it takes.
#pragma once

#include <mutex>
#include <thread>

// std::mutex, but a thread that has to wait yields instead of sleeping.
struct MyLock : std::mutex {
  void lock() {
    while (!try_lock()) std::this_thread::yield();
  }
};

// What crosstalk is for: this one would win every benchmark, for it excludes nobody. It is refused before it is timed.
struct LeakyLock {
  void lock() noexcept {}
  void unlock() noexcept {}
};
