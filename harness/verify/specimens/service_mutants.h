// Event buses, a pool of connections, an event count and rooms, each with a deliberate bug and without: the constructor says which.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/service_cases.h"
#include "pool/sync/futex.h"

namespace crosstalk::harness::verify {

// M26, M27, of the chapter: a thread for each callback; a snapshot of the subscribers that outlives their unsubscribing.
enum class BusBug : std::uint8_t { none, m26_thread_each, m27_snapshot };

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
        threads_.emplace_back([entry, event] { entry->callback(event); });
      }
      return;
    }
    guard.unlock();
    for (const auto& entry : snapshot) {
      const std::lock_guard running(entry->mutex);
      if (bug_ == BusBug::m27_snapshot || !entry->gone) entry->callback(event);
    }
  }
  void settle() override {
    std::unique_lock guard(mutex_);
    std::vector<std::thread> threads = std::exchange(threads_, {});
    guard.unlock();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  struct Entry {
    std::function<void(const BusEvent&)> callback;
    std::mutex mutex;  // held while the callback runs
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

  const BusBug bug_;
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

// M08: the waiter's announcement and its look, and the notifier's change and its look, are not ordered.
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
  void notify() override {
    order();
    // relaxed: the bug. seq_cst: as above.
    if (!waits_.load(broken_ ? std::memory_order_relaxed : std::memory_order_seq_cst)) return;
    epoch_.fetch_add(1, std::memory_order_release);  // release: pairs with the acquire in await()
    pool::futex_wake(reinterpret_cast<const std::uint32_t*>(&epoch_), 1);
  }

 private:
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
