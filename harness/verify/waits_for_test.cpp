#include "harness/verify/waits_for.h"

#include <catch2/catch.hpp>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

namespace {
Waiter waiter_of(unsigned thread, std::uint32_t object, std::vector<std::uint32_t> holds) {
  return {.thread = thread, .asks = "lock", .object = object, .waits = true, .holds = std::move(holds)};
}
}  // namespace

TEST_CASE("threads that wait for each other are a deadlock", "[harness][verify]") {
  const std::vector<Waiter> waiters{waiter_of(0, 2, {1}), waiter_of(1, 1, {2}), waiter_of(2, 1, {})};
  CHECK(cycle_of(waiters) == std::vector<unsigned>{0, 1});
  CHECK(explain_stall(waiters, false).starts_with("deadlock: thread 0 holds 1 and waits in lock() of 2"));
}

TEST_CASE("a sleeper that waits for what nobody holds has lost its wake-up", "[harness][verify]") {
  const std::vector<Waiter> waiters{waiter_of(3, 0, {})};
  CHECK(cycle_of(waiters).empty());
  CHECK(explain_stall(waiters, false).starts_with("lost wake-up"));
  CHECK(explain_stall(waiters, true).starts_with("livelock"));
}

TEST_CASE("a chain of waiters that ends with somebody who waits for nothing is no deadlock",
          "[harness][verify]") {
  Waiter holder = waiter_of(1, kNoObject, {2});
  holder.waits = false;
  CHECK(cycle_of({waiter_of(0, 2, {1}), holder}).empty());
}

}  // namespace crosstalk::harness::verify
