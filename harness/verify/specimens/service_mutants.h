// Event buses, a pool of connections, an event count and rooms, each with a deliberate bug and without: the constructor says which.
#pragma once

#include <algorithm>
#include <atomic>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/service_cases.h"
#include "pool/sync/futex.h"

namespace crosstalk::harness::verify {

// M26, M27, of the chapter: a thread for each callback; a snapshot of the subscribers that outlives their unsubscribing. M49: who throws keeps
// the event from those behind it. M50: callbacks run under the lock of the bus.
enum class BusBug : std::uint8_t { none, m26_thread_each, m27_snapshot, m49_throw_ends, m50_under_lock };

class ChapterBus final : public BusOnTrial {
 public:
  explicit ChapterBus(BusBug bug) : bug_(bug) {}
  ~ChapterBus() override { settle(); }

  std::unique_ptr<Subscriber> subscribe(std::function<void(const BusEvent&)> callback) override {
    auto entry = std::make_shared<Entry>();
    entry->callback = std::move(callback);
    const std::lock_guard guard(mutex_);
    entries_.push_back(entry);
    return std::make_unique<Token>(*this, std::move(entry));
  }
  void publish(const BusEvent& event) override {
    std::unique_lock guard(mutex_);
    const auto snapshot = entries_;
    if (bug_ == BusBug::m26_thread_each) {
      for (const auto& entry : snapshot) {
        threads_.emplace_back([this, entry, event] { static_cast<void>(call(*entry, event)); });
      }
      return;
    }
    if (bug_ != BusBug::m50_under_lock) guard.unlock();
    for (const auto& entry : snapshot) {
      const std::lock_guard running(entry->mutex);
      if (entry->gone && bug_ != BusBug::m27_snapshot) continue;
      if (!call(*entry, event) && bug_ == BusBug::m49_throw_ends) return;
    }
  }
  std::uint64_t failed() const override { return look(failed_); }
  void settle() override {
    std::unique_lock guard(mutex_);
    std::vector<std::thread> threads = std::exchange(threads_, {});
    guard.unlock();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  struct Entry {
    std::function<void(const BusEvent&)> callback;
    std::recursive_mutex mutex;  // held while the callback runs, which may unsubscribe itself
    bool gone = false;
  };
  class Token final : public Subscriber {
   public:
    Token(ChapterBus& bus, std::shared_ptr<Entry> entry) : bus_(bus), entry_(std::move(entry)) {}
    void unsubscribe() override {
      {
        const std::lock_guard guard(bus_.mutex_);
        std::erase(bus_.entries_, entry_);
      }
      const std::lock_guard running(entry_->mutex);
      entry_->gone = true;
    }

   private:
    ChapterBus& bus_;
    std::shared_ptr<Entry> entry_;
  };

  // False: it threw.
  bool call(const Entry& entry, const BusEvent& event) {
    try {
      entry.callback(event);
      return true;
    } catch (...) {
      raise(failed_);
      return false;
    }
  }

  const BusBug bug_;
  std::atomic<std::uint64_t> failed_{0};
  std::mutex mutex_;  // guards the members below
  std::vector<std::shared_ptr<Entry>> entries_;
  std::vector<std::thread> threads_;
};

// M28: who waits takes a permit on credit, and keeps it when its time is over.
class M28Connections final : public ConnectionsOnTrial {
 public:
  M28Connections(unsigned most, bool broken)
      : broken_(broken), permits_(static_cast<int>(most)), lent_(most) {}
  int acquire(std::chrono::nanoseconds time) override {
    std::unique_lock guard(mutex_);
    if (!returned_.wait_for(guard, time, [this] { return permits_ > 0; })) {
      if (broken_) --permits_;
      return -1;
    }
    --permits_;
    const auto free = std::find(lent_.begin(), lent_.end(), false);
    *free = true;
    return static_cast<int>(free - lent_.begin());
  }
  void give_back(int connection) override {
    const std::lock_guard guard(mutex_);
    lent_[static_cast<std::size_t>(connection)] = false;
    ++permits_;
    returned_.notify_one();
  }

 private:
  const bool broken_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable returned_;
  int permits_;
  std::vector<bool> lent_;
};

// M51: what the factory throws takes the permit along. M52: the end is not told to those who wait.
enum class LeaseBug : std::uint8_t { none, m51_factory, m52_close };

class PlainConnections final : public BreakableConnections {
 public:
  PlainConnections(unsigned most, AnyBreakableConnections::Faults faults, LeaseBug bug)
      : bug_(bug), faults_(std::move(faults)), permits_(most) {}
  int acquire(std::chrono::nanoseconds time) override {
    std::unique_lock guard(mutex_);
    if (!returned_.wait_for(guard, time, [this] { return closed_ || permits_ > 0; })) return -1;
    if (closed_) return kClosed;
    --permits_;
    while (!idle_.empty()) {
      const int number = idle_.back();
      idle_.pop_back();
      if (faults_.valid(number)) return number;
    }
    try {
      faults_.opening();
      const int number = next_++;
      static_cast<void>(faults_.valid(number));
      return number;
    } catch (...) {
      if (bug_ != LeaseBug::m51_factory) ++permits_;
      throw;
    }
  }
  void give_back(int connection) override {
    const std::lock_guard guard(mutex_);
    idle_.push_back(connection);
    ++permits_;
    returned_.notify_one();
  }
  void use(const std::function<void()>& work) override {
    const int mine = acquire(std::chrono::hours(1));
    try {
      work();
    } catch (...) {
      give_back(mine);
      throw;
    }
    give_back(mine);
  }
  void close() override {
    const std::lock_guard guard(mutex_);
    closed_ = true;
    if (bug_ != LeaseBug::m52_close) returned_.notify_all();
  }

 private:
  const LeaseBug bug_;
  const AnyBreakableConnections::Faults faults_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable returned_;
  unsigned permits_;
  int next_ = 0;
  std::vector<int> idle_;
  bool closed_ = false;
};

// M08, for one waiter: the waiter's announcement and its look, and the notifier's change and its look, are not ordered.
class M08Events final : public EventsOnTrial {
 public:
  explicit M08Events(bool broken) : broken_(broken) {}
  void await(const std::function<bool()>& done) override {
    while (!done()) {
      // acquire: pairs with the release in notify().
      const std::uint32_t epoch = epoch_.load(std::memory_order_acquire);
      // relaxed: the bug. seq_cst: in one order with the look of notify().
      waits_.store(true, broken_ ? std::memory_order_relaxed : std::memory_order_seq_cst);
      order();
      if (!done())
        pool::futex_wait(reinterpret_cast<const std::uint32_t*>(&epoch_), epoch, pool::kNoDeadline);
      waits_.store(false, std::memory_order_relaxed);  // relaxed: a notifier too many does no harm
    }
  }
  void notify() override { wake(1); }
  void notify_all() override { wake(INT_MAX); }

 private:
  void wake(int count) {
    order();
    // relaxed: the bug. seq_cst: as above.
    if (!waits_.load(broken_ ? std::memory_order_relaxed : std::memory_order_seq_cst)) return;
    epoch_.fetch_add(1, std::memory_order_release);  // release: pairs with the acquire in await()
    pool::futex_wake(reinterpret_cast<const std::uint32_t*>(&epoch_), count);
  }
  void order() const {
    // seq_cst: what was stored before is seen by whoever stores and looks in the other order.
    if (!broken_) std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  const bool broken_;
  std::atomic<bool> waits_{false};
  std::atomic<std::uint32_t> epoch_{0};
};

// M11: a transfer locks its rooms in the order of its arguments.
class M11Rooms final : public RoomsOnTrial {
 public:
  M11Rooms(unsigned rooms, bool broken) : broken_(broken), rooms_(rooms) {}
  void transfer(unsigned from, unsigned to) override {
    const bool turned = !broken_ && to < from;
    const std::lock_guard first(rooms_[turned ? to : from].mutex);
    const std::lock_guard second(rooms_[turned ? from : to].mutex);
    ++rooms_[to].members;
    --rooms_[from].members;
  }

 private:
  struct Room {
    std::mutex mutex;  // guards the count
    int members = 0;
  };
  const bool broken_;
  std::vector<Room> rooms_;
};

}  // namespace crosstalk::harness::verify
