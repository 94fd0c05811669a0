#include "harness/gate/op_counts.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace crosstalk::harness::gate {
namespace {

reports::RunRow counted(std::uint64_t count, std::uint64_t errors, std::uint64_t waits) {
  reports::RunRow row;
  row.count = count;
  row.errors = errors;
  row.switches_voluntary = waits;
  return row;
}

TEST_CASE("counts are medians per operation, of what there was", "[harness][gate]") {
  const std::vector<OpCount> counts =
      op_counts({counted(100, 0, 1), counted(100, 0, 9), counted(100, 0, 2)}, {counted(100, 0, 3)});
  REQUIRE(counts.size() == 1);  // no errors, and page faults were not measured
  CHECK(counts[0].name == "waits");
  CHECK(counts[0].base == Approx(0.02));
  CHECK(counts[0].head == Approx(0.03));
  CHECK(counts[0].change() == Approx(0.5));
  const std::vector<OpCount> fewer = op_counts({counted(100, 5, 1)}, {counted(100, 0, 0)});
  REQUIRE(fewer.size() == 2);
  CHECK(fewer[0].name == "errors");
  CHECK(fewer[0].head == 0);
}

TEST_CASE("without blocks nothing is counted", "[harness][gate]") {
  CHECK(op_counts({}, {counted(1, 1, 1)}).empty());
  CHECK(op_counts({counted(0, 1, 1)}, {counted(1, 1, 1)}).empty());
}

reports::RunRow replayed(const char* op, double locks, std::optional<double> allocations = std::nullopt) {
  reports::RunRow row;
  row.op = op;
  row.counted_ops = std::string(op) == "all" ? 10'000 : 5'000;
  row.locks_per_op = locks;
  row.allocations_per_op = allocations;
  return row;
}

const OpCount& named(const std::vector<OpCount>& counts, const std::string& name, const std::string& op) {
  const auto found = std::find_if(counts.begin(), counts.end(),
                                  [&](const OpCount& count) { return count.name == name && count.op == op; });
  REQUIRE(found != counts.end());
  return *found;
}

TEST_CASE("counts of a replay are exact where both sides counted the same twice", "[harness][gate]") {
  const std::vector<reports::RunRow> base{replayed("all", 1, 0.25), replayed("post", 1, 0.5),
                                          replayed("all", 1, 0.25), replayed("post", 1, 0.5)};
  std::vector<reports::RunRow> head = base;
  for (reports::RunRow& row : head) *row.allocations_per_op += 1;
  const std::vector<OpCount> counts = replayed_counts(base, head);
  REQUIRE(counts.size() == 4);
  CHECK(named(counts, "allocations", "post").has_grown());
  CHECK(named(counts, "allocations", "post").head == 1.5);
  CHECK(named(counts, "allocations", "post").operations == 5'000);
  CHECK(named(counts, "locks", "post").exact);
  CHECK_FALSE(named(counts, "locks", "post").has_grown());
  *head[1].allocations_per_op += 0.001;
  CHECK_FALSE(named(replayed_counts(base, head), "allocations", "post").exact);
  CHECK(named(replayed_counts(base, head), "allocations", "all").exact);
}

TEST_CASE("what one side did not count is not compared", "[harness][gate]") {
  CHECK(replayed_counts({replayed("all", 1)}, {counted(1, 1, 1)}).empty());
  CHECK(replayed_counts({}, {replayed("all", 1)}).empty());
  const std::vector<OpCount> counts = replayed_counts({replayed("all", 1)}, {replayed("all", 1, 0.5)});
  CHECK(counts.size() == 1);
}

TEST_CASE("locks that were taken are a median and never exact", "[harness][gate]") {
  std::vector<reports::RunRow> rows(3, replayed("all", 1));
  rows[0].contended_locks_pct = 10;
  rows[1].contended_locks_pct = 30;
  rows[2].contended_locks_pct = 20;
  const std::vector<OpCount> counts = replayed_counts(rows, rows);
  const OpCount& contended = named(counts, "% of locks contended", "all");
  CHECK(contended.base == Approx(20));
  CHECK_FALSE(contended.exact);
  CHECK(named(counts, "locks", "all").exact);
}

TEST_CASE("what has grown is told by kind, the largest sum first, and as a sum where no kind shows it",
          "[harness][gate]") {
  const std::vector<OpCount> counts{
      {.name = "locks", .base = 1, .head = 2, .op = "all", .operations = 100, .exact = true},
      {.name = "locks", .base = 1, .head = 9, .op = "move", .operations = 1, .exact = true},
      {.name = "locks", .base = 1, .head = 2, .op = "post", .operations = 90, .exact = true},
      {.name = "locks", .base = 2, .head = 1, .op = "join", .operations = 9, .exact = true},
      {.name = "wake-ups", .base = 0, .head = 1, .op = "all", .operations = 100, .exact = true},
      {.name = "allocations", .base = 0, .head = 1, .op = "post", .operations = 90, .exact = false}};
  const std::vector<OpCount> grown = grown_counts(counts);
  REQUIRE(grown.size() == 3);
  CHECK(grown[0].op == "post");
  CHECK(grown[1].op == "move");
  CHECK(grown[2].name == "wake-ups");
}

}  // namespace
}  // namespace crosstalk::harness::gate
