#include "harness/gate/surroundings.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace crosstalk::harness::gate {
namespace {

workloads::RandomStream stream(std::uint64_t seed) {
  return {seed, workloads::Purpose::plan};
}

TEST_CASE("the same seed draws the same surroundings", "[harness][gate]") {
  auto one = stream(1);
  auto other = stream(1);
  const Surroundings a = draw_surroundings(one, {.layouts = {0, 1, 2}, .plan_rows = 50});
  const Surroundings b = draw_surroundings(other, {.layouts = {0, 1, 2}, .plan_rows = 50});
  CHECK(a.layout == b.layout);
  CHECK(a.environment_pad == b.environment_pad);
  CHECK(a.plan_row == b.plan_row);
}

TEST_CASE("every layout comes, and no environment is larger than a page", "[harness][gate]") {
  auto random = stream(2);
  std::set<std::size_t> layouts, rows;
  std::size_t largest = 0;
  for (int i = 0; i < 200; ++i) {
    const Surroundings drawn = draw_surroundings(random, {.layouts = {0, 1, 2}, .plan_rows = 7});
    layouts.insert(drawn.layout);
    largest = std::max(largest, drawn.environment_pad);
    rows.insert(drawn.plan_row);
  }
  CHECK(layouts == std::set<std::size_t>{0, 1, 2});
  CHECK(rows.size() == 7);
  CHECK(largest <= kLargestEnvironmentPad);
  CHECK(largest > kLargestEnvironmentPad / 2);
}

TEST_CASE("a pair gets as many processors as it has threads, and each of them at some time",
          "[harness][gate]") {
  auto random = stream(3);
  std::set<int> seen;
  for (int i = 0; i < 100; ++i) {
    const std::vector<int> cpus = draw_cpus(random, {0, 2, 5}, 2);
    REQUIRE(cpus.size() == 2);
    CHECK(cpus[0] < cpus[1]);
    seen.insert(cpus.begin(), cpus.end());
  }
  CHECK(seen == std::set<int>{0, 2, 5});
}

TEST_CASE("where all processors are needed there is nothing to draw", "[harness][gate]") {
  auto random = stream(4);
  CHECK(draw_cpus(random, {0, 1}, 2).empty());
  CHECK(draw_cpus(random, {0, 1}, 3).empty());
  CHECK(draw_cpus(random, {0, 1}, 0).empty());
}

TEST_CASE("a confirmation has links of its own where there are any", "[harness][gate]") {
  using Layouts = std::vector<std::size_t>;
  CHECK(layouts_of(1, false) == Layouts{0});
  CHECK(layouts_of(1, true) == Layouts{0});
  CHECK(layouts_of(4, false) == Layouts{0, 2});
  CHECK(layouts_of(4, true) == Layouts{1, 3});
  CHECK(layouts_of(3, true) == Layouts{1});
}

TEST_CASE("the padding variable has as many bytes as asked for", "[harness][gate]") {
  CHECK(padding_variable(0).empty());
  CHECK(padding_variable(3) == "GATE_PADDING=xxx");
}

}  // namespace
}  // namespace crosstalk::harness::gate
