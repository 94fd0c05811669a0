#include "harness/block_series.h"

#include <catch2/catch.hpp>

#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness {
namespace {

using Trials = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// A campaign of very short trials, one a block.
class TestSeries {
 public:
  TestSeries() { file_ = folder_.put("small.ini", "rooms = 2\nlap_operations = 1000\n"); }

  [[nodiscard]] std::function<Plan(std::uint64_t)> plan() const {
    return [this](std::uint64_t blocks) {
      PlanRequest request;
      request.base.scenario = file_;
      request.base.operations = 1'000;
      request.base.timeout_ns = 60'000'000'000;
      request.strategies = {"coarse/std_mutex"};
      request.clients = {5};
      request.threads = {1};
      request.rates = {0};
      request.repetitions = blocks;
      request.with_floor = false;
      return make_plan(request);
    };
  }

  Trials measured;  // number and block, in the order in which they were measured

 private:
  TestFolder folder_;
  std::string file_;
  Catalog catalog_ = builtin_catalog();
  std::ostringstream out_, err_;

 public:
  Campaign campaign{catalog_,
                    {.out = folder_.path / "results",
                     .quiet = true,
                     .progress = {},
                     .command = "",
                     .observer =
                         [this](const reports::RunResult& result) {
                           measured.emplace_back(result.identity.trial, result.identity.block);
                         }},
                    {out_, err_}};
};

TEST_CASE("without a budget there are as many blocks as may be", "[harness][block_series]") {
  TestSeries blocks;
  BlockSeries series(blocks.campaign, blocks.plan(), {.most = 3}, 7);
  CHECK(series.begin() == 3);
  CHECK(blocks.measured == Trials{{7, 0}});
  CHECK(series.first_block_s() > 0);
  series.finish();
  CHECK(blocks.measured == Trials{{7, 0}, {8, 1}, {9, 2}});
  CHECK(series.next_trial() == 10);
}

TEST_CASE("a budget that is spent ends a series, but not before its least", "[harness][block_series]") {
  TestSeries blocks;
  BlockSeries series(blocks.campaign, blocks.plan(), {.most = 100, .least = 4, .budget_s = 1e-9});
  CHECK(series.begin() == 6);  // some more are planned than the first one would let one hope for
  series.finish();
  CHECK(blocks.measured.size() == 4);
}

TEST_CASE("a single block is enough where the budget is spent by it", "[harness][block_series]") {
  TestSeries blocks;
  BlockSeries series(blocks.campaign, blocks.plan(), {.most = 100, .budget_s = 1e-9});
  series.begin();
  series.finish();
  CHECK(blocks.measured.size() == 1);
}

TEST_CASE("who is content ends a series", "[harness][block_series]") {
  TestSeries blocks;
  BlockSeries series(blocks.campaign, blocks.plan(), {.most = 9});
  series.begin();
  std::vector<std::uint64_t> asked;
  series.finish([&](std::uint64_t n) {
    asked.push_back(n);
    return n == 3;
  });
  CHECK(asked == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(blocks.measured.size() == 3);
}

}  // namespace
}  // namespace crosstalk::harness
