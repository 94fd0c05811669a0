#include "pool/events/pass_record.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/events/event_bus.h"

namespace crosstalk::pool {
namespace {

using TestPass = detail::Pass<std::memory_order_seq_cst>;

TEST_CASE("a scan sees what a pass shows, as long as it lasts", "[pool][bus]") {
  int bus = 0;
  int thing = 0;
  int* const address = &thing;
  std::atomic<int*> current{address};
  {
    const TestPass outer(&bus);
    {
      const TestPass inner(&bus);
      CHECK(inner.protect(inner.slot().list, current) == address);
      CHECK(detail::is_read(address));
      CHECK_FALSE(detail::is_called(address, detail::Whose::any));
      inner.slot().current.store(address);
      CHECK(detail::is_called(address, detail::Whose::any));
      CHECK_FALSE(detail::is_called(address, detail::Whose::others));
      inner.slot().current.store(nullptr);
    }
    CHECK_FALSE(detail::is_read(address));
    CHECK(detail::inside_pass());
  }
  CHECK_FALSE(detail::inside_pass());
}

TEST_CASE("passes nest to a bound", "[pool][bus]") {
  int bus = 0;
  std::vector<std::unique_ptr<TestPass>> passes;
  for (unsigned i = 0; i < detail::kMostNestedPasses; ++i) passes.push_back(std::make_unique<TestPass>(&bus));
  CHECK_FALSE(detail::pass_possible());
  CHECK_THROWS_AS(TestPass(&bus), std::length_error);
  while (!passes.empty()) passes.pop_back();
  CHECK(detail::pass_possible());
}

TEST_CASE("threads beyond the number of stripes are counted as well", "[pool][bus]") {
  const Topic<int> topic("a");
  EventBus bus;
  std::atomic<std::uint64_t> runs{0};
  const auto token = bus.subscribe(topic, [&](int) { ++runs; });
  detail::run_threads(40, [&](unsigned) {
    for (int i = 0; i < 100; ++i) bus.publish(topic, i);
  });
  CHECK(runs == 4'000);
  CHECK(bus.stats().published == 4'000);
  CHECK(bus.stats().delivered == 4'000);
}

// Made before the thread's record, so destroyed after it.
struct PublishesAtExit {
  EventBus* bus = nullptr;
  const Topic<int>* topic = nullptr;
  ~PublishesAtExit() {
    if (bus != nullptr) bus->publish(*topic, 2);
  }
};
thread_local PublishesAtExit publishes_at_exit;

TEST_CASE("a thread may publish while its variables are being destroyed", "[pool][bus]") {
  const Topic<int> topic("a");
  EventBus bus;
  int sum = 0;
  const auto token = bus.subscribe(topic, [&](int event) { sum += event; });
  std::thread([&] {
    publishes_at_exit.bus = &bus;
    publishes_at_exit.topic = &topic;
    bus.publish(topic, 1);
  }).join();
  CHECK(sum == 3);
  CHECK(bus.stats().published == 2);
}

}  // namespace
}  // namespace crosstalk::pool
