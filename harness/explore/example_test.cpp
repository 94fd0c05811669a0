// The example of README.md: a lock of twenty lines, and what is asked of it.
#include <atomic>
#include <thread>

#include "harness/explore/scenario.h"

namespace {

using crosstalk::harness::explore::require;

// Lets threads in by turns: who has drawn number n enters when n others have left.
class TurnLock {
 public:
  void lock() {
    const int mine = drawn_.fetch_add(1, std::memory_order_relaxed);
    for (int seen = left_.load(std::memory_order_acquire); seen != mine;
         seen = left_.load(std::memory_order_acquire)) {
      left_.wait(seen, std::memory_order_relaxed);
    }
  }
  void unlock() {
    left_.fetch_add(1, std::memory_order_release);
    left_.notify_all();
  }

 private:
  std::atomic<int> drawn_{0};
  std::atomic<int> left_{0};
};

}  // namespace

EXPLORE(two_enter_twice) {
  TurnLock lock;
  int entries = 0;  // plain: the lock must order its uses
  {
    const auto twice = [&] {
      for (int i = 0; i < 2; ++i) {
        lock.lock();
        ++entries;
        lock.unlock();
      }
    };
    std::jthread first(twice);
    std::jthread second(twice);
  }
  require(entries == 4, "an entry is lost");
}

EXPLORE(three_enter) {
  TurnLock lock;
  int entries = 0;
  {
    const auto once = [&] {
      lock.lock();
      ++entries;
      lock.unlock();
    };
    std::jthread first(once);
    std::jthread second(once);
    std::jthread third(once);
  }
  require(entries == 3, "an entry is lost");
}
