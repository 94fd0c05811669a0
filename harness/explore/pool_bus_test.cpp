// The event bus, explored: what is destroyed after unsubscribing must not be touched by a callback. Judged by
// pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "harness/explore/scenario.h"
#include "pool/events/event_bus.h"
#include "pool/executor/executor.h"

namespace crosstalk::harness::explore {

namespace {

using pool::Dispatch;
using pool::EventBus;

// Runs each task on a thread of its own, so that the bus is explored without the thread pool.
class BusWorkers final : public pool::Executor {
 public:
  ~BusWorkers() override { wait(); }
  pool::Admission post(pool::Task task, pool::Priority) override {
    const std::lock_guard guard(mutex_);
    threads_.emplace_back([task = std::move(task)]() mutable { static_cast<void>(task()); });
    return pool::Admission::accepted;
  }
  void wait() {
    for (;;) {
      std::unique_lock guard(mutex_);
      std::vector<std::thread> threads = std::exchange(threads_, {});
      guard.unlock();
      if (threads.empty()) return;
      for (std::thread& each : threads) each.join();
    }
  }

 private:
  std::mutex mutex_;  // guards the threads
  std::vector<std::thread> threads_;
};

void unsubscribe_against_publish(Dispatch dispatch) {
  BusWorkers workers;
  EventBus bus({.executor = &workers, .parallelism = 1});
  const pool::Topic<int> topic("events");
  auto object = std::make_unique<int>(7);
  EventBus::Token token = bus.subscribe(
      topic, [seen = object.get()](const int&) { require(*seen == 7, "not the object"); }, dispatch);
  std::jthread first([&] { bus.publish(topic, 1); });
  std::jthread second([&] {
    token.unsubscribe();
    object.reset();
  });
  first.join();
  second.join();
  workers.wait();
}

void each_event_once_and_in_order(Dispatch dispatch) {
  BusWorkers workers;
  int last = 0;  // plain: one event of a subscriber at a time
  {
    EventBus bus({.executor = &workers, .parallelism = 2});
    const pool::Topic<int> topic("events");
    const EventBus::Token token = bus.subscribe(
        topic,
        [&](const int& event) {
          require(event == last + 1, "an event is lost, doubled or too early");
          last = event;
        },
        dispatch);
    bus.publish(topic, 1);
    bus.publish(topic, 2);
    workers.wait();
  }
  require(last == 2, "an event is lost");
}

}  // namespace

EXPLORE_AS("bus/inlined/unsubscribe_against_publish") {
  unsubscribe_against_publish(Dispatch::inlined);
}

EXPLORE_AS("bus/inlined/subscribe_against_publish") {
  EventBus bus;
  const pool::Topic<int> topic("events");
  std::atomic<int> called{0};
  {
    std::jthread first([&] { bus.publish(topic, 1); });
    const EventBus::Token token = bus.subscribe(topic, [&](const int&) { called.fetch_add(1); });
    const int before = called.load();
    bus.publish(topic, 2);
    require(called.load() > before, "a subscriber is not called");
  }
  require(called.load() <= 2, "a subscriber is called twice for one event");
}

EXPLORE_AS("bus/inlined/subscribe_within") {
  EventBus bus;
  const pool::Topic<int> topic("events");
  std::atomic<int> inner_calls{0};
  EventBus::Token inner;
  std::atomic<bool> done{false};
  const EventBus::Token outer = bus.subscribe(topic, [&](const int&) {
    if (!done.exchange(true)) inner = bus.subscribe(topic, [&](const int&) { inner_calls.fetch_add(1); });
  });
  {
    std::jthread first([&] { bus.publish(topic, 1); });
    std::jthread second([&] { bus.publish(topic, 2); });
  }
  const int before = inner_calls.load();
  bus.publish(topic, 3);
  require(inner_calls.load() == before + 1, "who subscribed inside a callback is not called once");
}

EXPLORE_AS("bus/inlined/callbacks_that_unsubscribe_each_other") {
  EventBus bus;
  const pool::Topic<int> left("left");
  const pool::Topic<int> right("right");
  EventBus::Token tokens[2];
  tokens[0] = bus.subscribe(left, [&](const int&) { tokens[1].unsubscribe(); });
  tokens[1] = bus.subscribe(right, [&](const int&) { tokens[0].unsubscribe(); });
  {
    std::jthread first([&] { bus.publish(left, 1); });
    std::jthread second([&] { bus.publish(right, 1); });
  }
  require(!tokens[0].subscribed() || !tokens[1].subscribed(), "nobody was unsubscribed");
}

// Its own end, from within; the object of the callback dies when nobody is inside any more.
EXPLORE_AS("bus/inlined/unsubscribes_itself") {
  EventBus bus;
  const pool::Topic<int> topic("events");
  auto object = std::make_shared<int>(7);
  EventBus::Token token;
  std::atomic<bool> gone{false};
  token = bus.subscribe(topic, [&, held = object](const int&) {
    if (!gone.exchange(true)) token.unsubscribe();
    require(*held == 7, "not the object");
  });
  {
    std::jthread first([&] { bus.publish(topic, 1); });
    std::jthread second([&] { bus.publish(topic, 2); });
  }
  token.wait();
  require(object.use_count() == 1, "the callback outlives its unsubscribing");
}

EXPLORE_AS("bus/inlined/two_change_the_list", Schedules::sample) {
  EventBus bus;
  const pool::Topic<int> topic("events");
  int calls = 0;
  const EventBus::Token stays = bus.subscribe(topic, [&](const int&) { ++calls; });
  EventBus::Token leaves = bus.subscribe(topic, [](const int&) {});
  {
    std::jthread first([&] { leaves.unsubscribe(); });
    std::jthread second([&] { const EventBus::Token comes = bus.subscribe(topic, [](const int&) {}); });
    std::jthread third([&] { bus.publish(topic, 1); });
  }
  require(calls == 1, "who stayed was not called once");
}

EXPLORE_AS("bus/pooled/unsubscribe_against_publish") {
  unsubscribe_against_publish(Dispatch::pooled);
}

EXPLORE_AS("bus/pooled/each_event_once_and_in_order") {
  each_event_once_and_in_order(Dispatch::pooled);
}

EXPLORE_AS("bus/pooled/bus_ends_before_its_tasks") {
  BusWorkers workers;
  auto object = std::make_unique<int>(7);
  {
    EventBus bus({.executor = &workers, .parallelism = 1});
    const pool::Topic<int> topic("events");
    EventBus::Token token = bus.subscribe(
        topic, [seen = object.get()](const int&) { require(*seen == 7, "not the object"); },
        Dispatch::pooled);
    bus.publish(topic, 1);
  }
  object.reset();
  workers.wait();
}

EXPLORE_AS("bus/thread/unsubscribe_against_publish") {
  unsubscribe_against_publish(Dispatch::thread);
}

}  // namespace crosstalk::harness::explore
