#include "harness/count/count_table.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::count {
namespace {

reports::RunResult trial(std::optional<double> contended) {
  reports::RunResult result;
  result.identity.strategy = "a/b";
  result.identity.threads = 2;
  result.contended_locks_pct = contended;
  for (const char* name : {"all", "post", "join"}) {
    reports::OpResult op;
    op.op = name;
    if (op.op != "join")
      op.counts =
          reports::OpCounts{.operations = 10'000, .locks = 1.5, .shared_locks = 1, .allocations = 0.25};
    result.ops.push_back(op);
  }
  return result;
}

TEST_CASE("a line has the exact counts of a strategy and the median of what is not exact", "[count]") {
  CountTable table;
  CHECK(table.empty());
  for (const double contended : {10.0, 90.0, 20.0}) table.add(trial(contended));
  reports::RunResult floor = trial(0);
  floor.identity.role = "floor";
  table.add(floor);
  const auto tables = table.tables();
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].first == "a/b x2");
  const TextTable& text = tables[0].second;
  REQUIRE(text.rows.size() == 2);  // no joins were counted
  CHECK(text.rows[0].back() == "20");
  CHECK(text.rows[1] == std::vector<std::string>{"post", "10000", "1.5", "1", "0.25", "", "0", "", ""});
}

TEST_CASE("each strategy has a table", "[count]") {
  CountTable table;
  reports::RunResult other = trial(1);
  other.identity.strategy = "c/d";
  for (const reports::RunResult& each : {trial(1), other, trial(3)}) table.add(each);
  const auto tables = table.tables();
  REQUIRE(tables.size() == 2);
  CHECK(tables[1].first == "c/d x2");
  CHECK(tables[0].second.rows.size() == 2);
  CHECK(tables[0].second.rows[0].back() == "2");
}

TEST_CASE("what nobody knows is an empty cell", "[count]") {
  CountTable table;
  table.add(trial(std::nullopt));
  CHECK(table.tables().at(0).second.rows.at(0).back().empty());
}

}  // namespace
}  // namespace crosstalk::harness::count
