// Event buses, a pool of connections, an event count and rooms, each with a deliberate bug and without.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/service_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/watched_lock.h"
#include "pool/sync/futex.h"

namespace crosstalk::harness::verify {

namespace {

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

// M11: a transfer locks its rooms in the order of its arguments. D13: it does so under one lock for all transfers.
enum class RoomOrder : std::uint8_t { ascending, m11_arguments, d13_gate };

class M11Rooms final : public RoomsOnTrial {
 public:
  M11Rooms(unsigned rooms, RoomOrder order) : order_(order), rooms_(rooms) {}
  void transfer(unsigned from, unsigned to) override {
    std::unique_lock gate(gate_, std::defer_lock);
    if (order_ == RoomOrder::d13_gate) gate.lock();
    const bool turned = order_ == RoomOrder::ascending && to < from;
    const std::lock_guard first(rooms_[turned ? to : from].mutex);
    const std::lock_guard second(rooms_[turned ? from : to].mutex);
    ++rooms_[to].members;
    --rooms_[from].members;
  }

 private:
  using Mutex = WatchedLock<std::mutex>;
  struct Room {
    Mutex mutex;  // guards the count
    int members = 0;
  };
  const RoomOrder order_;
  Mutex gate_;  // where it is used, all rooms are locked under it
  std::vector<Room> rooms_;
};

void add_service_pair(std::vector<Specimen>& all, const std::string& name, const char* bug,
                      std::vector<VerifyCase> broken, std::vector<VerifyCase> right,
                      std::vector<std::string> properties, bool of_the_chapter) {
  all.push_back({.name = name,
                 .kind = SpecimenKind::mutant,
                 .bug = bug,
                 .cases = std::move(broken),
                 .properties = std::move(properties),
                 .of_the_chapter = of_the_chapter,
                 .layer = "services"});
  all.push_back({.name = name,
                 .kind = SpecimenKind::twin,
                 .bug = "without the bug",
                 .cases = std::move(right),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "services"});
}

std::vector<VerifyCase> chapter_bus_cases(BusBug bug, pool::BusContract contract = {}) {
  return bus_cases({[bug] { return std::make_unique<ChapterBus>(bug); }, contract});
}
std::vector<VerifyCase> m28_cases(bool broken) {
  return connection_cases(
      {[broken](unsigned most) { return std::make_unique<M28Connections>(most, broken); }, {}});
}
std::vector<VerifyCase> m08_cases(bool broken) {
  return event_cases({[broken] { return std::make_unique<M08Events>(broken); }});
}
std::vector<VerifyCase> m11_cases(RoomOrder order) {
  return room_cases({[order](unsigned rooms) { return std::make_unique<M11Rooms>(rooms, order); }});
}

}  // namespace

void add_service_specimens(std::vector<Specimen>& all) {
  add_service_pair(all, "M08", "an event count whose looks and stores are not ordered", m08_cases(true),
                   m08_cases(false), {"wake-up"}, false);
  all[all.size() - 2].why_not =
      "two processors must meet within some nanoseconds: luck, without store buffers under control";
  add_service_pair(all, "M11", "a transfer locks two rooms in the order of its arguments",
                   m11_cases(RoomOrder::m11_arguments), m11_cases(RoomOrder::ascending), {"no deadlock"},
                   false);
  add_service_pair(all, "M26", "a thread for each callback loses the order",
                   chapter_bus_cases(BusBug::m26_thread_each), chapter_bus_cases(BusBug::none),
                   {"order of a sender"}, true);
  add_service_pair(all, "M27", "a callback is called after it has been unsubscribed",
                   chapter_bus_cases(BusBug::m27_snapshot), chapter_bus_cases(BusBug::none),
                   {"unsubscribing"}, true);
  add_service_pair(all, "M28", "an acquisition that times out leaks a permit", m28_cases(true),
                   m28_cases(false), {"permits"}, false);
  all.push_back({.name = "D13",
                 .kind = SpecimenKind::decoy,
                 .bug = "two rooms locked in any order, under one lock for all",
                 .cases = m11_cases(RoomOrder::d13_gate),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "lock order"});
  all.push_back(
      {.name = "D09",
       .kind = SpecimenKind::decoy,
       .bug = "a bus that unsubscribes late, and says so",
       .cases = chapter_bus_cases(BusBug::m27_snapshot, {.unsubscribing = pool::Unsubscribing::late}),
       .properties = {},
       .of_the_chapter = false,
       .layer = "services"});
}

}  // namespace crosstalk::harness::verify
