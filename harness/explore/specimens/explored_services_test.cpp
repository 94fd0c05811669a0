// An event count, rooms, buses and a pool of connections with a bug, and without it.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

#include "harness/explore/specimens/specimen.h"
#include "harness/verify/specimens/room_mutants.h"
#include "harness/verify/specimens/service_mutants.h"

namespace crosstalk::harness::explore {

namespace {

using verify::BusBug;
using verify::BusEvent;
using verify::ChapterBus;
using verify::RoomOrder;

// relaxed (both): the event count is to see to it that what is stored before notify() is seen after await().
template <bool broken>
void notify_who_waits() {
  verify::M08Events events(broken);
  std::atomic<bool> ready{false};
  std::jthread waiting([&] { events.await([&] { return ready.load(std::memory_order_relaxed); }); });
  ready.store(true, std::memory_order_relaxed);
  events.notify();
}

template <RoomOrder order>
void transfers_in_both_directions() {
  verify::M11Rooms<std::mutex> rooms(2, order);
  std::jthread first([&] { rooms.transfer(0, 1); });
  std::jthread second([&] { rooms.transfer(1, 0); });
}

template <BusBug bug>
void two_events_in_order() {
  std::atomic<std::uint64_t> last{0};
  ChapterBus bus(bug);
  const auto subscriber = bus.subscribe([&](const BusEvent& event) {
    // relaxed: the number alone is looked at.
    require(last.exchange(event.number, std::memory_order_relaxed) < event.number,
            "order of a sender: a later event came first");
  });
  bus.publish({0, 1});
  bus.publish({0, 2});
  bus.settle();
  subscriber->unsubscribe();
}

template <BusBug bug>
void leave_beside_a_publish() {
  std::atomic<bool> gone{false};
  ChapterBus bus(bug);
  const auto subscriber = bus.subscribe([&](const BusEvent&) {
    // relaxed (both): the value alone is looked at.
    require(!gone.load(std::memory_order_relaxed), "unsubscribing: a callback was called after it");
  });
  std::jthread publishing([&] { bus.publish({0, 1}); });
  subscriber->unsubscribe();
  gone.store(true, std::memory_order_relaxed);
}

// One connection: who has waited in vain must leave it to be lent again.
template <bool broken>
void lend_after_a_time_out() {
  verify::M28Connections connections(1, broken);
  const int mine = connections.acquire(std::chrono::hours(1));
  std::jthread([&] {
    require(connections.acquire(std::chrono::milliseconds(1)) < 0, "permits: more than there are");
  }).join();
  connections.give_back(mine);
  require(connections.acquire(std::chrono::hours(1)) == mine, "permits: one is lost");
}

// A late callback is allowed, a second one for an event is not.
void leave_late() {
  std::atomic<int> called{0};
  {
    ChapterBus bus(BusBug::m27_snapshot);
    const auto subscriber = bus.subscribe([&](const BusEvent&) {
      // relaxed (both): the number alone is looked at.
      called.fetch_add(1, std::memory_order_relaxed);
    });
    std::jthread publishing([&] { bus.publish({0, 1}); });
    subscriber->unsubscribe();
  }
  require(called.load(std::memory_order_relaxed) <= 1, "an event came twice");
}

}  // namespace

void add_explored_services(std::vector<ExploredSpecimen>& all) {
  const Finding assertion = Finding::assertion;
  all.push_back({"M08", "wake-up", Finding::lost_wake_up,
                 "an event count whose looks and stores are not ordered", notify_who_waits<true>,
                 notify_who_waits<false>, true});
  all.push_back({"M11", "no deadlock", Finding::deadlock,
                 "a transfer locks two rooms in the order of its arguments",
                 transfers_in_both_directions<RoomOrder::m11_arguments>,
                 transfers_in_both_directions<RoomOrder::ascending>});
  all.push_back({"M26", "order of a sender", assertion, "a thread for each callback loses the order",
                 two_events_in_order<BusBug::m26_thread_each>, two_events_in_order<BusBug::none>});
  all.push_back({"M27", "unsubscribing", assertion, "a callback is called after it has been unsubscribed",
                 leave_beside_a_publish<BusBug::m27_snapshot>, leave_beside_a_publish<BusBug::none>});
  all.push_back({"M28", "permits", assertion, "an acquisition that times out leaks a permit",
                 lend_after_a_time_out<true>, lend_after_a_time_out<false>});
  all.push_back(explored_decoy("D09", "a bus that unsubscribes late, and says so", leave_late));
}

}  // namespace crosstalk::harness::explore
