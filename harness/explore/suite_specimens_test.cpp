// Of the regression suite: bugs that stress tests miss, each beside its repaired twin. suite_test.cpp says what must come of each.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <queue>
#include <string>
#include <thread>

#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

enum class Version { faulty, repaired };

// Whoever waits to write may find another writer inside, as nobody notes that there is one.
template <Version kind>
class ReaderWriterSpecimen {
 public:
  void lock_shared() {
    std::unique_lock locked(mutex_);
    changed_.wait(locked, [&] { return !writes_; });
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard locked(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock locked(mutex_);
    if constexpr (kind == Version::faulty) {
      changed_.wait(locked, [&] { return readers_ == 0; });
    } else {
      changed_.wait(locked, [&] { return readers_ == 0 && !writes_; });
      writes_ = true;
    }
  }
  void unlock() {
    const std::lock_guard locked(mutex_);
    writes_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;
  bool writes_ = false;
};

template <Version kind>
void write_write_read() {
  ReaderWriterSpecimen<kind> lock;
  std::atomic<int> inside{0};
  const auto write = [&] {
    lock.lock();
    require(inside.fetch_add(1) == 0, "two writers are inside");
    inside.fetch_sub(1);
    lock.unlock();
  };
  std::jthread first(write);
  std::jthread second(write);
  std::jthread third([&] {
    lock.lock_shared();
    lock.unlock_shared();
  });
}

// The flag is set between the worker's look at it and its falling asleep.
template <Version kind>
class WorkerSpecimen {
 public:
  void push(int value) {
    {
      const std::lock_guard locked(mutex_);
      queue_.push(value);
    }
    changed_.notify_one();
  }
  ~WorkerSpecimen() {
    if constexpr (kind == Version::faulty) {
      stop_ = true;
    } else {
      const std::lock_guard locked(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void work() {
    while (!stop_) {
      std::unique_lock locked(mutex_);
      changed_.wait(locked, [&] { return stop_ || !queue_.empty(); });
      if (!queue_.empty()) queue_.pop();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<int> queue_;
  std::atomic<bool> stop_{false};
  std::thread thread_{[this] { work(); }};
};

template <Version kind>
void push_and_stop() {
  WorkerSpecimen<kind> worker;
  worker.push(7);
}

template <Version kind>
void count_twice() {
  std::atomic<int> count{0};
  const auto add = [&] {
    if constexpr (kind == Version::faulty) {
      count.store(count.load() + 1);
    } else {
      count.fetch_add(1);
    }
  };
  {
    const auto twice = [&] { add(), add(); };
    std::jthread first(twice);
    std::jthread second(twice);
  }
  require(count.load() == 4, "an increment is lost");
}

// 0 free, 1 held, 2 held and waited for. Who has waited must take it as 2, for others may still sleep.
template <Version kind>
class FutexSpecimen {
 public:
  void lock() {
    int seen = 0;
    if (state_.compare_exchange_strong(seen, 1)) return;
    if constexpr (kind == Version::faulty) {
      while (seen != 0) {
        if (seen == 2 || state_.compare_exchange_strong(seen, 2)) state_.wait(2);
        seen = 0;
        if (state_.compare_exchange_strong(seen, 1)) return;
      }
    } else {
      if (seen != 2) seen = state_.exchange(2);
      for (; seen != 0; seen = state_.exchange(2)) state_.wait(2);
    }
  }
  void unlock() {
    if (state_.exchange(0) == 2) state_.notify_one();
  }

 private:
  std::atomic<int> state_{0};
};

template <Version kind>
void three_lock() {
  FutexSpecimen<kind> lock;
  int count = 0;
  {
    const auto enter = [&] {
      lock.lock();
      ++count;
      lock.unlock();
    };
    std::jthread first(enter);
    std::jthread second(enter);
    std::jthread third(enter);
  }
  require(count == 3, "an increment is lost");
}

// Three workers: who wakes must look again, as another may have been quicker.
template <Version kind>
class SmallPoolSpecimen {
 public:
  void push(int value) {
    {
      const std::lock_guard locked(mutex_);
      queue_.push(value);
    }
    changed_.notify_one();
  }
  ~SmallPoolSpecimen() {
    {
      const std::lock_guard locked(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& each : threads_) each.join();
  }

 private:
  [[nodiscard]] bool idle() const { return !stop_ && queue_.empty(); }
  void work() {
    for (;;) {
      std::unique_lock locked(mutex_);
      if constexpr (kind == Version::faulty) {
        if (idle()) changed_.wait(locked);
      } else {
        while (idle()) changed_.wait(locked);
      }
      if (stop_ && queue_.empty()) return;
      require(!queue_.empty(), "another worker was quicker");
      queue_.pop();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<int> queue_;
  bool stop_ = false;
  std::thread threads_[3] = {std::thread([this] { work(); }), std::thread([this] { work(); }),
                             std::thread([this] { work(); })};
};

template <Version kind>
void two_submit() {
  SmallPoolSpecimen<kind> workers;
  std::jthread other([&] { workers.push(1); });
  workers.push(2);
}

EXPLORE_AS("reader_writer/faulty") {
  write_write_read<Version::faulty>();
}
EXPLORE_AS("reader_writer/repaired") {
  write_write_read<Version::repaired>();
}
EXPLORE_AS("stop_flag/faulty") {
  push_and_stop<Version::faulty>();
}
EXPLORE_AS("stop_flag/repaired") {
  push_and_stop<Version::repaired>();
}
EXPLORE_AS("counter/faulty") {
  count_twice<Version::faulty>();
}
EXPLORE_AS("counter/repaired") {
  count_twice<Version::repaired>();
}
EXPLORE_AS("futex_mutex/faulty") {
  three_lock<Version::faulty>();
}
EXPLORE_AS("futex_mutex/repaired") {
  three_lock<Version::repaired>();
}

EXPLORE_AS("small_pool/faulty") {
  two_submit<Version::faulty>();
}
EXPLORE_AS("small_pool/repaired", Schedules::sample) {
  two_submit<Version::repaired>();
}

}  // namespace

}  // namespace crosstalk::harness::explore
