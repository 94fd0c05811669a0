#include "harness/lock_costs.h"

#include <catch2/catch.hpp>

#include <tuple>

#include "pool/builtin.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("every built-in lock has its cost, in the order of the list", "[harness][lock_costs]") {
  const auto costs = measure_lock_costs(Clock::steady(), 3, 100'000);
  REQUIRE(costs.size() == std::tuple_size_v<pool::BuiltinLocks>);
  std::size_t at = 0;
  pool::for_each_builtin_lock([&]<class L>(std::string_view name) { CHECK(costs[at++].lock == name); });
  for (const Calibration::LockCost& cost : costs) {
    INFO(cost.lock);
    CHECK(cost.ns > 0);
  }
}

}  // namespace
}  // namespace crosstalk::harness
