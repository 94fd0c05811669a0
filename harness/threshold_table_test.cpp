#include "harness/threshold_table.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

using reports::RunResult;
using reports::Status;

RunResult trial(const std::string& strategy, double ops_s, std::uint64_t response_ns = 1000) {
  RunResult result;
  result.identity.strategy = strategy;
  result.identity.clients = 1000;
  result.identity.threads = 2;
  result.verified = true;
  reports::OpResult all;
  all.op = "all";
  all.achieved_ops_s = ops_s;
  all.response.record(response_ns, 10'000);
  result.ops.push_back(all);
  return result;
}

ThresholdTable table_of(std::initializer_list<const char*> texts) {
  std::vector<reports::Threshold> thresholds;
  for (const char* text : texts) thresholds.push_back(reports::parse_threshold(text));
  return ThresholdTable(std::move(thresholds));
}

TEST_CASE("the median over the usable trials is judged, strategy by strategy", "[harness][threshold]") {
  ThresholdTable table = table_of({"achieved_ops_s>=100", "response.p99<2us"});
  for (const double ops : {50.0, 100.0, 200.0}) table.add(trial("a/b", ops));
  CHECK_FALSE(table.crossed());
  RunResult bad = trial("a/b", 1);
  bad.status = Status::generator;
  table.add(bad);
  CHECK_FALSE(table.crossed());
  table.add(trial("c/d", 99));
  CHECK(table.crossed());
  const TextTable text = table.table();
  REQUIRE(text.rows.size() == 4);
  CHECK(text.rows[0] == std::vector<std::string>{"achieved_ops_s>=100", "a/b, 1,000 clients, 2 drivers",
                                                 "100/s", "3 of 4", "held"});
  CHECK(text.rows[2].back() == "CROSSED");
  CHECK(text.rows[3].back() == "held");
}

TEST_CASE("rates are judged one by one", "[harness][threshold]") {
  ThresholdTable table = table_of({"achieved_ops_s>=100"});
  RunResult fast = trial("a/b", 300);
  fast.identity.trace_hash = 1;
  RunResult slow = trial("a/b", 50);
  slow.identity.trace_hash = 2;
  table.add(fast);
  table.add(slow);
  CHECK(table.table().rows.size() == 2);
  CHECK(table.crossed());
}

TEST_CASE("what runs on something else is judged apart", "[harness][threshold]") {
  ThresholdTable table = table_of({"achieved_ops_s>=100"});
  RunResult slow = trial("a/b", 50);
  slow.identity.store = "sqlite";
  table.add(trial("a/b", 300));
  table.add(slow);
  table.add(trial("a/b", 300));
  REQUIRE(table.table().rows.size() == 2);
  CHECK(table.table().rows[0][1] == "a/b, 1,000 clients, 2 drivers");
  CHECK(table.table().rows[1][1] == "a/b, 1,000 clients, 2 drivers, store sqlite");
  CHECK(table.crossed());
}

TEST_CASE("what was not measured is not held, and floor rows are nobody's", "[harness][threshold]") {
  ThresholdTable table = table_of({"post.response.p99<1s"});
  RunResult floor = trial("null/null", 1);
  floor.identity.role = "floor";
  table.add(floor);
  CHECK_FALSE(table.crossed());
  CHECK(table.table().rows.empty());
  table.add(trial("a/b", 1));  // has no posts
  CHECK(table.crossed());
  RunResult wrong = trial("c/d", 1);
  wrong.verified = false;
  ThresholdTable other = table_of({"achieved_ops_s>0"});
  other.add(wrong);
  CHECK(other.crossed());
  CHECK(other.table().rows[0][2] == "no usable trial");
}

}  // namespace
}  // namespace crosstalk::harness
