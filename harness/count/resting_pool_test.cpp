#include "harness/count/resting_pool.h"

#include <catch2/catch.hpp>

#include <thread>

namespace crosstalk::harness::count {
namespace {

TEST_CASE("a pool that rests has done everything, and its worker sleeps", "[count]") {
  CallTally::switch_on();
  REQUIRE(CallTally::sees_kernel());
  RestingPool pool;
  const auto rest = [&] {
    while (!pool.worker_sleeps() || !pool.is_done() || !pool.worker_sleeps()) std::this_thread::yield();
  };
  rest();
  const CallTotals before = CallTally::totals();
  int ran = 0;
  for (int i = 0; i < 100; ++i) {
    CallTally::count_this_thread(true);
    pool.pool().post([&ran] { ++ran; });
    CallTally::count_this_thread(false);
    rest();
    CHECK(ran == i + 1);
  }
  CHECK(pool.submitted() == 100);
  CHECK(CallTally::totals().wakes - before.wakes == 100);
}

}  // namespace
}  // namespace crosstalk::harness::count
