#include "harness/verify/queue_monitor.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

namespace {

QueueOp pushed(std::uint64_t value, std::uint64_t call, std::uint64_t ret, unsigned thread = 0) {
  return {.call = call, .ret = ret, .value = value, .push = true, .done = true, .thread = thread};
}
QueueOp popped(std::uint64_t value, std::uint64_t call, std::uint64_t ret, unsigned thread = 1,
               std::uint32_t place = 0) {
  return {.call = call,
          .ret = ret,
          .value = value,
          .push = false,
          .done = true,
          .thread = thread,
          .place = place};
}
QueueOp empty(std::uint64_t call, std::uint64_t ret) {
  return {.call = call, .ret = ret, .value = 0, .push = false, .done = false, .thread = 2};
}
QueueOp full(std::uint64_t call, std::uint64_t ret) {
  return {.call = call, .ret = ret, .value = 0, .push = true, .done = false, .thread = 2};
}
std::string property_of(std::vector<QueueOp> ops, QueueContract contract = {}, std::size_t capacity = 0,
                        std::uint64_t skew = 0) {
  return judge_queue(std::move(ops), contract, capacity, skew).property;
}

}  // namespace

TEST_CASE("a queue that does what it should is left in peace", "[harness][verify]") {
  CHECK(property_of({}).empty());
  CHECK(property_of({empty(1, 2), pushed(1, 3, 4), pushed(2, 5, 6), popped(1, 7, 8), popped(2, 9, 10)})
            .empty());
  // Pushes that overlap may come out in any order.
  CHECK(property_of({pushed(1, 1, 10), pushed(2, 2, 9), popped(2, 11, 12), popped(1, 13, 14)}).empty());
}

TEST_CASE("values that are lost, doubled or invented are named", "[harness][verify]") {
  CHECK(property_of({pushed(1, 1, 2)}) == "no loss");
  CHECK(property_of({pushed(1, 1, 2), popped(1, 3, 4), popped(1, 5, 6)}) == "no duplication");
  CHECK(property_of({popped(1, 3, 4)}) == "no invention");
  CHECK(property_of({pushed(1, 5, 6), popped(1, 3, 4)}) == "no invention");
}

TEST_CASE("an inversion needs two pushes and two pops that do not overlap", "[harness][verify]") {
  CHECK(property_of({pushed(1, 1, 2), pushed(2, 3, 4), popped(2, 5, 6), popped(1, 7, 8)}) ==
        "first in, first out");
  CHECK(property_of({pushed(1, 1, 2), pushed(2, 3, 4), popped(2, 5, 8), popped(1, 7, 9)}).empty());
  // Clocks that are off by as much as the gap show nothing.
  CHECK(property_of({pushed(1, 1, 2), pushed(2, 3, 4), popped(2, 5, 6), popped(1, 7, 8)}, {}, 0, 1).empty());
}

TEST_CASE("of what one call has popped the order counts, too", "[harness][verify]") {
  const QueueContract batches{.batches = true};
  const std::vector<QueueOp> right{pushed(1, 1, 2), pushed(2, 3, 4), popped(1, 5, 6, 1, 0),
                                   popped(2, 5, 6, 1, 1)};
  CHECK(property_of(right, batches).empty());
  CHECK(property_of({pushed(1, 1, 2), pushed(2, 3, 4), popped(2, 5, 6, 1, 0), popped(1, 5, 6, 1, 1)},
                    batches) == "first in, first out");
}

TEST_CASE("a queue with an order a producer only is judged by that", "[harness][verify]") {
  const QueueContract loose{.fifo = false};
  CHECK(
      property_of({pushed(1, 1, 2, 0), pushed(2, 3, 4, 1), popped(2, 5, 6), popped(1, 7, 8)}, loose).empty());
  CHECK(property_of({pushed(1, 1, 2, 0), pushed(2, 3, 4, 0), popped(2, 5, 6), popped(1, 7, 8)}, loose) ==
        "first in, first out");
}

TEST_CASE("empty is false if something was there at each moment", "[harness][verify]") {
  CHECK(property_of({pushed(1, 1, 2), empty(3, 4), popped(1, 5, 6)}) == "no false empty");
  // Two values that relieve each other.
  CHECK(property_of({pushed(1, 1, 2), empty(3, 12), pushed(2, 4, 6), popped(1, 8, 9), popped(2, 14, 15)}) ==
        "no false empty");
  // The second may have come after the first was gone.
  CHECK(property_of({pushed(1, 1, 2), empty(3, 12), pushed(2, 4, 9), popped(1, 8, 9), popped(2, 14, 15)})
            .empty());
  CHECK(property_of({pushed(1, 1, 4), empty(3, 6), popped(1, 7, 8)}).empty());
  CHECK(property_of({pushed(1, 1, 2), empty(3, 4), popped(1, 5, 6)}, {.exact_empty = false}).empty());
}

TEST_CASE("full is false if there were never as many", "[harness][verify]") {
  CHECK(property_of({pushed(1, 1, 2), full(3, 4), popped(1, 5, 6)}, {}, 2) == "no false full");
  CHECK(property_of({pushed(1, 1, 2), full(3, 4), popped(1, 5, 6)}, {}, 1).empty());
  // The second push was under way, the first pop not over.
  CHECK(property_of({pushed(1, 1, 2), pushed(2, 4, 9), full(3, 5), popped(1, 4, 7), popped(2, 10, 11)}, {}, 2)
            .empty());
  CHECK(property_of({pushed(1, 1, 2), popped(1, 3, 4), pushed(2, 5, 6), full(7, 8), popped(2, 9, 10)}, {},
                    2) == "no false full");
}

TEST_CASE("long histories are judged, too", "[harness][verify]") {
  std::vector<QueueOp> ops;
  constexpr std::uint64_t kValues = 100'000;
  for (std::uint64_t i = 0; i < kValues; ++i) {
    ops.push_back(pushed(i, 10 * i + 1, 10 * i + 15));
    ops.push_back(popped(i, 10 * i + 40, 10 * i + 52));
    if (i % 10 == 0 && i >= 100) ops.push_back(full(10 * i + 3, 10 * i + 4));
  }
  CHECK(property_of(ops, {}, 4).empty());
  // Pushed long before, popped last.
  ops.push_back(pushed(kValues, 1, 2));
  ops.push_back(popped(kValues, 10 * kValues + 100, 10 * kValues + 101));
  CHECK(property_of(ops, {}, 0) == "first in, first out");
}

}  // namespace crosstalk::harness::verify
