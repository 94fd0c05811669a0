#include <catch2/catch.hpp>

#include <set>

#include "harness/missing_ranges.h"
#include "workloads/random.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("ranges of what is missing are what a set of it would be", "[harness][missing_ranges]") {
  workloads::RandomStream random(7, workloads::Purpose::operations);
  for (int life = 0; life < 200; ++life) {
    MissingRanges ranges;
    std::set<std::uint64_t> model;
    std::uint64_t top = 0;
    for (int step = 0; step < 60; ++step) {
      if (random.below(3) == 0) {
        const std::uint64_t low = top + 1 + random.below(3);
        top = low + random.below(4);
        ranges.add(low, top);
        for (std::uint64_t number = low; number <= top; ++number) model.insert(number);
        continue;
      }
      const std::uint64_t number = random.below(top + 2);
      CHECK(ranges.contains(number) == model.contains(number));
      if (random.below(2) == 0 && !model.empty()) {
        const bool lowest = *model.begin() == number;
        CHECK(ranges.take_lowest(number) == lowest);
        if (lowest) model.erase(number);
      } else {
        CHECK(ranges.take(number) == (model.erase(number) != 0));
      }
      CHECK(ranges.count() == model.size());
      CHECK(ranges.empty() == model.empty());
      const auto below = static_cast<std::uint64_t>(std::distance(model.begin(), model.upper_bound(number)));
      if (!model.contains(number)) CHECK(ranges.count_up_to(number) == below);
    }
  }
}

}  // namespace
}  // namespace crosstalk::harness
