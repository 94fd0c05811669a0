#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/summary.h"

namespace crosstalk::harness {
namespace {

using reports::RunResult;
using reports::Status;

// A row of a closed loop that can be used.
RunResult closed(const std::string& strategy, std::uint64_t block, double ops_s) {
  RunResult result;
  result.identity.strategy = strategy;
  result.identity.block = block;
  result.identity.scenario = "team";
  result.identity.path = "direct";
  result.identity.load_model = "closed";
  result.identity.clients = 5'000;
  result.identity.threads = 2;
  result.verified = true;
  reports::OpResult all;
  all.op = "all";
  all.achieved_ops_s = ops_s;
  all.response.record(100, 1'000);
  result.ops.push_back(all);
  return result;
}

RunResult open(const std::string& strategy, std::uint64_t block, std::uint64_t p99_ns) {
  RunResult result = closed(strategy, block, 19'000);
  result.identity.load_model = "poisson";
  result.ops[0].offered_ops_s = 20'000;
  result.ops[0].response.clear();
  result.ops[0].response.record(p99_ns, 1'000);
  return result;
}

RunResult with(RunResult result, Status status, const std::string& reason = "because") {
  result.status = status;
  result.status_reason = reason;
  return result;
}
RunResult unverified(RunResult result) {
  result.verified = false;
  result.status_reason = "law broken: 1 deliveries arrived twice";
  return result;
}
RunResult floor_row(std::uint64_t block, double ops_s) {
  RunResult result = closed("null/null", block, ops_s);
  result.identity.role = "floor";
  return result;
}

Summary summary_of(const std::vector<RunResult>& results) {
  Summary summary;
  for (const RunResult& result : results) summary.add(result);
  return summary;
}

std::vector<std::string> column(const Summary& summary, std::size_t index) {
  std::vector<std::string> cells;
  for (const auto& row : summary.table().rows) cells.push_back(row[index]);
  return cells;
}
using Cells = std::vector<std::string>;
constexpr std::size_t kLoad = 0;
constexpr std::size_t kStrategy = 1;
constexpr std::size_t kOps = 2;
constexpr std::size_t kTrials = 5;
constexpr std::size_t kVerified = 6;
constexpr std::size_t kStatus = 7;

// `blocks` blocks in which a/a is 10 % ahead of b/b, and that of c/c by the same.
std::vector<RunResult> clear_field(std::uint64_t blocks) {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const double noise = 1 + 0.01 * static_cast<double>(block);
    results.push_back(closed("b/b", block, 1'000 * noise));
    results.push_back(closed("a/a", block, 1'100 * noise));
    results.push_back(closed("c/c", block, 1'000 / 1.1 * noise));
  }
  return results;
}

TEST_CASE("the best stands first and the null row last", "[harness][summary]") {
  std::vector<RunResult> results{floor_row(0, 9e6)};
  for (const RunResult& result : clear_field(3)) results.push_back(result);
  const Summary summary = summary_of(results);
  CHECK(column(summary, kStrategy) == Cells{"a/a", "b/b", "c/c", "null/null (floor)"});
  CHECK(column(summary, kTrials) == Cells{"3", "3", "3", "1"});
  CHECK(column(summary, kOps)[0] == "1.11k/s");  // the median of the blocks
  CHECK(column(summary, kLoad)[0] == "closed, 5,000 clients, 2 drivers");
  CHECK(summary.exit_code() == 0);
  CHECK(summary.warnings().empty());
}

TEST_CASE("what the strategies run on is a load of its own, named where it is not as usual",
          "[harness][summary]") {
  RunResult usual = closed("a/a", 0, 100);
  usual.identity.dispatch = "inline";
  usual.identity.store = "memory";
  usual.identity.pin = "spread";
  usual.allocator = "arena over glibc malloc 2.36";
  RunResult other = usual;
  other.identity.dispatch = "pooled";
  RunResult pinned = usual;
  pinned.identity.pin = "none";
  pinned.allocator = "glibc malloc 2.36";
  const Summary summary = summary_of({usual, other, pinned, usual});
  CHECK(column(summary, kTrials) == Cells{"2", "1", "1"});
  CHECK(column(summary, kLoad) ==
        Cells{"closed, 5,000 clients, 2 drivers", "closed, 5,000 clients, 2 drivers, dispatch pooled",
              "closed, 5,000 clients, 2 drivers, pin none, allocator glibc malloc 2.36"});
}

TEST_CASE("in an open loop the best is the one with the shortest p99", "[harness][summary]") {
  const Summary summary = summary_of({open("a/a", 0, 120), open("b/b", 0, 90), open("c/c", 0, 100)});
  CHECK(column(summary, kStrategy) == Cells{"b/b", "c/c", "a/a"});
  CHECK(column(summary, kLoad)[0] == "poisson 20.0k/s, 5,000 clients, 2 drivers");
}

TEST_CASE("a leader that is ahead in enough blocks is the winner", "[harness][summary]") {
  const auto findings = summary_of(clear_field(12)).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] ==
        "closed, 5,000 clients, 2 drivers: winner by throughput: a/a, 1.100 x that of b/b (95 % interval "
        "1.100 x to 1.100 x, 12 blocks)");
}

TEST_CASE("too few blocks are not judged", "[harness][summary]") {
  const auto findings = summary_of(clear_field(5)).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] ==
        "closed, 5,000 clients, 2 drivers: best throughput: a/a, 1.100 x that of b/b; not judged, which "
        "takes at least 11 blocks (--repetitions), got 5");
}

TEST_CASE("only those that cannot be told from the leader are called tied", "[harness][summary]") {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < 12; ++block) {
    const double turn = block % 2 == 0 ? 1.01 : 0.99;
    results.push_back(closed("a/a", block, 1'000 * turn));
    results.push_back(closed("b/b", block, 999 / turn));
    results.push_back(closed("c/c", block, 500));
  }
  const auto findings = summary_of(results).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].find("no difference resolved by throughput between a/a, b/b; foremost ") !=
        std::string::npos);
}

TEST_CASE("an open loop is won by the p99 of the response", "[harness][summary]") {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(open("a/a", block, 120));
    results.push_back(open("b/b", block, 100));
  }
  const auto findings = summary_of(results).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] ==
        "poisson 20.0k/s, 5,000 clients, 2 drivers: winner by p99 response: b/b, 0.833 x that of a/a (95 % "
        "interval 0.833 x to 0.833 x, 12 blocks)");
}

TEST_CASE("values are paired by block, whatever order they came in", "[harness][summary]") {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(closed("a/a", block, 110.0 * static_cast<double>(block + 1)));
    results.push_back(closed("b/b", 11 - block, 100.0 * static_cast<double>(12 - block)));
  }
  CHECK(summary_of(results).findings().at(0).find(
            "winner by throughput: a/a, 1.100 x that of b/b (95 % interval 1.100 x to 1.100 x") !=
        std::string::npos);
}

TEST_CASE("one strategy alone, or one beside the floor, wins nothing", "[harness][summary]") {
  CHECK(summary_of({closed("a/a", 0, 10)}).findings().empty());
  CHECK(summary_of({closed("a/a", 0, 10), floor_row(0, 90)}).findings().empty());
  CHECK(Summary().findings().empty());
  CHECK(Summary().table().rows.empty());
  CHECK(Summary().exit_code() == 0);
}

TEST_CASE("who is not verified is not ranked, however fast", "[harness][summary]") {
  std::vector<RunResult> results = clear_field(12);
  for (std::uint64_t block = 0; block < 12; ++block) {
    const RunResult fast = closed("x/x", block, 9'000);
    results.push_back(block == 3 ? unverified(fast) : fast);  // once is enough
  }
  const Summary summary = summary_of(results);
  CHECK(summary.findings().at(0).find("winner by throughput: a/a") != std::string::npos);
  CHECK(column(summary, kStrategy) == Cells{"a/a", "b/b", "c/c", "x/x"});
  CHECK(column(summary, kVerified) == Cells{"yes", "yes", "yes", "NO"});
  CHECK(summary.warnings() ==
        Cells{"closed, 5,000 clients, 2 drivers: x/x: 1 of 12 trials NOT VERIFIED: law broken: "
              "1 deliveries arrived twice"});
  CHECK(summary.exit_code() == 3);
}

TEST_CASE("who was not checked is shown but not ranked", "[harness][summary]") {
  std::vector<RunResult> results = clear_field(12);
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(closed("x/x", block, 9'000));
    results.back().verified.reset();
  }
  const Summary summary = summary_of(results);
  CHECK(summary.findings().at(0).find("winner by throughput: a/a") != std::string::npos);
  CHECK(column(summary, kStrategy) == Cells{"a/a", "b/b", "c/c", "x/x"});
  CHECK(column(summary, kVerified) == Cells{"yes", "yes", "yes", "not checked"});
  CHECK(summary.warnings() == Cells{"closed, 5,000 clients, 2 drivers: no law was checked (--checks off, "
                                    "--no-check), so not compared: x/x"});
  CHECK(summary.exit_code() == 0);
}

TEST_CASE("defects of the measurement are not ranked, a saturated server is", "[harness][summary]") {
  for (const Status status :
       {Status::generator, Status::contaminated, Status::too_short, Status::interrupted, Status::failed}) {
    std::vector<RunResult> results = clear_field(12);
    for (std::uint64_t block = 0; block < 12; ++block)
      results.push_back(with(closed("x/x", block, 9'000), status));
    CHECK(summary_of(results).findings().at(0).find("winner by throughput: a/a") != std::string::npos);
  }
  std::vector<RunResult> results = clear_field(12);
  for (std::uint64_t block = 0; block < 12; ++block)
    results.push_back(with(closed("x/x", block, 9'000), Status::saturated));
  CHECK(summary_of(results).findings().at(0).find("winner by throughput: x/x") != std::string::npos);
}

TEST_CASE("two strategies that are mostly harness are not compared, one may be", "[harness][summary]") {
  const auto field = [](double share_x, double share_y) {
    std::vector<RunResult> results = clear_field(12);
    for (std::uint64_t block = 0; block < 12; ++block) {
      results.push_back(closed("x/x", block, 9'000));
      results.back().floor_share = share_x;
      results.push_back(closed("y/y", block, 8'000));
      results.back().floor_share = share_y;
    }
    return summary_of(results).findings().at(0);
  };
  CHECK(field(0.6, 0.5).find("winner by throughput: x/x") != std::string::npos);
  CHECK(field(0.6, 0.55).find("winner by throughput: a/a") != std::string::npos);
}

TEST_CASE("live checks that cost more than 2 % are named with the strategy", "[harness][summary]") {
  const auto warnings = [](double a_pct, double b_pct) {
    std::vector<RunResult> results = clear_field(12);
    for (RunResult& result : results) {
      if (result.identity.strategy == "a/a") result.check_cost_pct = a_pct;
      if (result.identity.strategy == "b/b") result.check_cost_pct = b_pct;
    }
    std::string all;
    for (const std::string& warning : summary_of(results).warnings()) all += warning;
    return all;
  };
  CHECK(warnings(2.0, -1).empty());
  const std::string found = warnings(2.1, 12.34);
  CHECK(found.find("live checks make operations longer (check_cost_pct): ") != std::string::npos);
  CHECK(found.find("a/a 2.1 %") != std::string::npos);
  CHECK(found.find("b/b 12.3 %") != std::string::npos);
}

TEST_CASE("an interrupted block counts for nobody", "[harness][summary]") {
  std::vector<RunResult> results = clear_field(12);
  results.push_back(closed("a/a", 12, 5'000));
  results.push_back(closed("b/b", 12, 1'000));  // c/c never had its turn
  const auto findings = summary_of(results).findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].find("a/a, 1.100 x that of b/b (95 % interval 1.100 x to 1.100 x, 12 blocks)") !=
        std::string::npos);
}

TEST_CASE("who was interrupted in the middle of a trial is not ranked", "[harness][summary]") {
  std::vector<RunResult> results = clear_field(12);
  results.push_back(with(closed("a/a", 12, 1'100), Status::interrupted));
  const Summary summary = summary_of(results);
  CHECK(summary.findings().at(0).find("winner by throughput: b/b") != std::string::npos);
  CHECK(column(summary, kStrategy).back() == "a/a");
  CHECK(summary.exit_code() == 0);
}

TEST_CASE("loads, clients and paths are compared each for itself", "[harness][summary]") {
  std::vector<RunResult> results{closed("a/a", 0, 10), open("a/a", 0, 90)};
  results.push_back(closed("a/a", 0, 10));
  results.back().identity.clients = 100;
  results.push_back(closed("a/a", 0, 10));
  results.back().identity.path = "pooled";
  results.back().identity.workers = 3;
  const Summary summary = summary_of(results);
  CHECK(column(summary, kLoad) ==
        Cells{"closed, 5,000 clients, 2 drivers", "poisson 20.0k/s, 5,000 clients, 2 drivers",
              "closed, 100 clients, 2 drivers", "closed, 5,000 clients, 2 drivers, 3 workers"});
}

TEST_CASE("a section per configuration holds the lines of the table", "[harness][summary]") {
  const Summary summary = summary_of({closed("a/a", 0, 10), open("a/a", 0, 90), closed("b/b", 0, 20)});
  const auto sections = summary.sections();
  REQUIRE(sections.size() == 2);
  CHECK(sections[0].title == "closed, 5,000 clients, 2 drivers");
  REQUIRE(sections[0].table.rows.size() == 2);
  CHECK(sections[0].table.rows[0][0] == "b/b");
  CHECK(sections[1].title == "poisson 20.0k/s, 5,000 clients, 2 drivers");
  CHECK(sections[1].table.columns.size() == sections[1].table.rows.at(0).size());
  CHECK(summary.table().columns.size() == sections[1].table.columns.size() + 1);
}

TEST_CASE("the table counts states where they differ", "[harness][summary]") {
  const Summary summary = summary_of({with(closed("a/a", 0, 10), Status::ok, ""),
                                      with(closed("a/a", 1, 10), Status::failed, "crash"),
                                      with(closed("a/a", 2, 10), Status::ok, ""), closed("b/b", 0, 5)});
  CHECK(column(summary, kStatus) == Cells{"ok", "ok:2 failed:1"});
  RunResult unchecked = closed("a/a", 0, 10);
  unchecked.verified.reset();
  CHECK(column(summary_of({unchecked}), kVerified) == Cells{"not checked"});
  CHECK(column(summary_of({unchecked, closed("a/a", 1, 10)}), kVerified) == Cells{"not checked"});
}

TEST_CASE("strategies near the harness's own cost are warned of together", "[harness][summary]") {
  const auto warnings = [](double share_a, double share_b, const char* path = "direct") {
    std::vector<RunResult> results{closed("a/a", 0, 10), closed("b/b", 0, 9)};
    results[0].floor_share = share_a;
    results[1].floor_share = share_b;
    for (RunResult& result : results) result.identity.workers = path == std::string("pooled") ? 1 : 0;
    return summary_of(results).warnings();
  };
  const std::string where = "closed, 5,000 clients, 2 drivers";
  CHECK(warnings(0.33, 0.1).empty());
  CHECK(warnings(0.4, 0.1) ==
        Cells{where + ": of the service time, 40.0 % is the harness's own (null/null) with a/a"});
  CHECK(warnings(0.4, 0.45) ==
        Cells{where +
              ": of the service time, 40.0 % to 45.0 % is the harness's own (null/null) with a/a, b/b"});
  CHECK(warnings(0.1, 0.6) ==
        Cells{where + ": of the service time, 60.0 % is the harness's own (null/null) with b/b; above "
                      "50 % strategies are not compared with each other"});
  CHECK(warnings(0.4, 0.1, "pooled") == Cells{where + ", 1 workers: of the service time, 40.0 % is the "
                                                      "harness's and the pool's own (null/null) with a/a"});
}

TEST_CASE("a warning per strategy counts its trials", "[harness][summary]") {
  const Summary summary =
      summary_of({with(closed("a/a", 0, 10), Status::generator, "late by 3 us"),
                  with(closed("a/a", 1, 10), Status::generator, "late by 4 us"), closed("a/a", 2, 10)});
  CHECK(summary.warnings() ==
        Cells{"closed, 5,000 clients, 2 drivers: a/a: 2 of 3 trials generator: late by 3 us"});
}

TEST_CASE("the exit code names the gravest cause", "[harness][summary]") {
  const RunResult fine = closed("a/a", 0, 10);
  const RunResult late = with(closed("b/b", 0, 10), Status::generator);
  const RunResult crashed = with(closed("c/c", 0, 10), Status::failed);
  CHECK(summary_of({fine}).exit_code() == 0);
  CHECK(summary_of({fine, with(closed("b/b", 0, 10), Status::saturated)}).exit_code() == 0);
  CHECK(summary_of({fine, late}).exit_code() == 4);
  CHECK(summary_of({fine, late, closed("b/b", 1, 10)}).exit_code() == 0);  // b/b has one sound row
  CHECK(summary_of({fine, with(closed("b/b", 0, 10), Status::too_short)}).exit_code() == 4);
  CHECK(summary_of({fine, crashed}).exit_code() == 8);
  CHECK(summary_of({fine, late, crashed}).exit_code() == 8);
  CHECK(summary_of({fine, late, crashed, unverified(closed("d/d", 0, 10))}).exit_code() == 3);
}

}  // namespace
}  // namespace crosstalk::harness
