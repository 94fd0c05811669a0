#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "harness/capacity_findings.h"

namespace crosstalk::harness {
namespace {

using Catch::Matchers::Contains;
using reports::CapacityOutcome;
using reports::Status;

CapacityRequest capacity_request(std::vector<const char*> conditions = {"response.p99<1ms"}) {
  CapacityRequest request;
  request.run.request.base.scenario = "community";
  request.run.request.clients = {100};
  for (const char* text : conditions) request.conditions.push_back(reports::parse_threshold(text));
  request.search = {.start_ops_s = 1000, .limit_ops_s = 1e6, .precision = 0.05, .confirmations = 1};
  return request;
}

// A trial at `rate` of a server that serves 10,000 operations a second, as M/M/1 would.
reports::RunResult trial_at(double rate, Status status = Status::ok, std::uint64_t samples = 1000) {
  reports::RunResult result;
  result.status = status;
  result.verified = true;
  reports::OpResult all;
  all.op = "all";
  all.count = samples;
  const double left = std::max(10'000 - rate, 1.0);
  all.response.record(static_cast<std::uint64_t>(4.6e9 / left), samples);
  result.ops = {all};
  return result;
}

StrategySearch searched(const CapacityRequest& request, auto&& trial,
                        const char* strategy = "coarse/ticket") {
  StrategySearch search(strategy, 2, request);
  while (const auto rate = search.next_rate()) search.tell(*rate, trial(*rate));
  return search;
}

TEST_CASE("a rate is met by an ok, verified trial whose conditions hold", "[harness][capacity]") {
  const CapacityRequest request = capacity_request();
  CHECK(judge_rate(trial_at(1000), request.conditions).met);
  const RateVerdict slow = judge_rate(trial_at(9000), request.conditions);
  CHECK_FALSE(slow.met);
  CHECK_FALSE(slow.lacks_samples);
  CHECK_THAT(slow.reason, Contains("response.p99 4."));
  CHECK(judge_rate(trial_at(1000, Status::saturated), request.conditions).reason == "saturated");
  CHECK_THAT(judge_rate(trial_at(1000, Status::generator), request.conditions).reason,
             Contains("generator's limit"));
  CHECK(judge_rate(trial_at(1000, Status::contaminated), request.conditions).reason == "contaminated");
  reports::RunResult wrong = trial_at(1000);
  wrong.verified = false;
  wrong.status_reason = "a post was lost";
  CHECK(judge_rate(wrong, request.conditions).reason == "NOT VERIFIED: a post was lost");
  wrong.verified.reset();
  CHECK(judge_rate(wrong, request.conditions).met);  // not checked, and asked for so
}

TEST_CASE("too few samples are told from a slow server", "[harness][capacity]") {
  const CapacityRequest request = capacity_request({"response.p99<1ms", "kick.errors<=0"});
  const RateVerdict few = judge_rate(trial_at(1000, Status::ok, 100), request.conditions);
  CHECK_FALSE(few.met);
  CHECK(few.lacks_samples);
  CHECK_THAT(few.reason, Contains("100 samples, needs 560") && Contains("no row 'kick'"));
  const CapacityRequest mixed = capacity_request({"response.p99<1ms", "response.max<1us"});
  CHECK_FALSE(judge_rate(trial_at(1000, Status::ok, 100), mixed.conditions).lacks_samples);
  CHECK(judge_rate(trial_at(1000, Status::too_short, 5), request.conditions).lacks_samples);
}

TEST_CASE("a search finds where the conditions end and says what ends there", "[harness][capacity]") {
  const CapacityRequest request = capacity_request();
  const StrategySearch search = searched(request, [](double rate) { return trial_at(rate); });
  const CapacityLine line = search.line();
  CHECK(line.outcome == CapacityOutcome::found);
  CHECK(line.bracket.met_ops_s <= 5400);  // 4.6 / (10,000 - 5,400) s is 1 ms
  CHECK(line.bracket.failed_ops_s >= 5350);
  CHECK(line.bracket.met_ops_s > 5000);
  CHECK(line.bracket.confirmed);
  REQUIRE(line.response_p99_ns);
  CHECK(*line.response_p99_ns < 1e6);
  CHECK_THAT(line.remark, Contains("response.p99 1."));
  CHECK(line.end == "slo");
  CHECK(capacity_exit_code(std::vector{search}) == 0);
}

TEST_CASE("a rate with too few samples is no beginning", "[harness][capacity]") {
  const CapacityRequest request = capacity_request();
  const auto search = searched(request, [](double rate) {
    return trial_at(rate, Status::ok, static_cast<std::uint64_t>(rate / 4));  // a quarter of a second
  });
  CHECK(search.line().outcome == CapacityOutcome::found);
  CHECK(search.line().bracket.met_ops_s > 5000);
  const auto never = searched(request, [](double rate) { return trial_at(rate, Status::ok, 12); });
  CHECK(never.line().outcome == CapacityOutcome::gave_up);
  CHECK_THAT(never.line().remark, Contains("too few samples; raise --duration"));
  CHECK(capacity_exit_code(std::vector{never}) == 5);
}

TEST_CASE("a limit of the generator is called so and is no point of the law", "[harness][capacity]") {
  const CapacityRequest request = capacity_request({"response.p99<1s"});
  const auto search = searched(
      request, [](double rate) { return trial_at(1000, rate > 3000 ? Status::generator : Status::ok); });
  CHECK_THAT(search.line().remark, Contains("the generator's limit, not the server's"));
  std::vector<CapacityLine> lines(3, search.line());
  for (unsigned i = 0; i < 3; ++i) lines[i].threads = i + 1;
  REQUIRE(scaling_findings(lines).size() == 1);
  CHECK_THAT(scaling_findings(lines)[0], Contains("scaling is not fitted") && Contains("got 0"));
}

TEST_CASE("a disturbed trial is made again before it counts", "[harness][capacity]") {
  const CapacityRequest request = capacity_request();
  const double undisturbed =
      searched(request, [](double rate) { return trial_at(rate); }).line().bracket.met_ops_s;
  std::size_t k = 0;
  const auto search = searched(request, [&](double rate) {
    return trial_at(rate, ++k % 3 == 0 ? Status::ok : k % 3 == 1 ? Status::generator : Status::contaminated);
  });
  CHECK(search.line().bracket.met_ops_s == undisturbed);
  CHECK(search.line().trials == k);
  const auto always = searched(
      request, [](double rate) { return trial_at(rate, rate > 2500 ? Status::contaminated : Status::ok); });
  CHECK(always.line().bracket.failed_ops_s <= 2700);
  CHECK(always.line().remark == "contaminated");
}

TEST_CASE("the exit code is that of the worst", "[harness][capacity]") {
  const CapacityRequest request = capacity_request();
  const auto good = searched(request, [](double rate) { return trial_at(rate); });
  const auto slow = searched(request, [](double) { return trial_at(9999); });
  CHECK(slow.line().outcome == CapacityOutcome::below_lowest);
  CHECK_THAT(slow.line().remark, Contains("not even the lowest rate, 1k/s: response.p99"));
  const auto unsound = searched(request, [](double rate) { return trial_at(rate, Status::generator); });
  const auto crashed = searched(
      request, [](double rate) { return trial_at(rate, rate > 4000 ? Status::failed : Status::ok); });
  const auto wrong = searched(request, [](double rate) {
    auto result = trial_at(rate);
    result.verified = rate < 4000;
    return result;
  });
  CHECK(capacity_exit_code(std::vector{good, slow}) == 1);
  CHECK(capacity_exit_code(std::vector{slow, unsound}) == 4);
  CHECK(capacity_exit_code(std::vector{unsound, crashed}) == 8);
  CHECK(capacity_exit_code(std::vector{good, crashed, wrong}) == 3);
}

TEST_CASE("the table keeps to 80 columns", "[harness][capacity]") {
  CapacityLine line;
  line.strategy = "sharded/std_shared_mutex";
  line.threads = 16;
  line.bracket = {1.234e6, 1.29e6, true};
  line.response_p99_ns = 1.95e6;
  line.end = "saturated";
  line.remark = "saturated";
  CapacityLine none;
  none.strategy = "coarse/std_mutex";
  none.bracket.failed_ops_s = std::numeric_limits<double>::infinity();
  none.end = "generator";
  none.remark = "the generator's limit, not the server's";
  std::ostringstream out;
  print_table(out, capacity_table(std::vector{line, none}, true), Format::table);
  std::istringstream text(out.str());
  for (std::string row; std::getline(text, row);) {
    INFO(row);
    CHECK(row.size() <= 80);
  }
  CHECK_THAT(out.str(), Contains("1.23M/s") && Contains("yes") && Contains("no"));
  CHECK(out.str().find("inf") == std::string::npos);
  CHECK(capacity_remarks(std::vector{none})[0] ==
        "coarse/std_mutex, 1 driver: the generator's limit, not the server's");
  const TextTable full = capacity_table(std::vector{none}, false);
  CHECK(full.columns.back().name == "remark");
  CHECK(full.rows[0].back() == none.remark);
}

TEST_CASE("scaling is said with intervals, and extrapolation in words", "[harness][capacity]") {
  reports::UslFit law;
  law.lambda_ops_s = 100'000;
  law.sigma = 0.05;
  law.kappa = 0.004;  // peak at 15.4
  std::vector<CapacityLine> lines;
  for (unsigned n = 1; n <= 8; ++n) {
    CapacityLine line;
    line.strategy = "sharded/ticket";
    line.threads = n;
    line.outcome = CapacityOutcome::found;
    line.end = "slo";
    line.bracket = {law.at(n) * (n % 2 == 0 ? 1.01 : 0.99), law.at(n) * 1.05, true};
    lines.push_back(line);
  }
  const auto findings = scaling_findings(lines);
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0], Contains("sharded/ticket: scaling by the Universal Scalability Law: one driver ") &&
                              Contains("95 % intervals") && Contains("predicted peak ") &&
                              Contains("which is extrapolation: at most 8 drivers were measured"));
  lines.resize(4);
  CHECK_THAT(scaling_findings(lines)[0], Contains("intervals need six"));
  lines.resize(2);
  CHECK(scaling_findings(lines).empty());
  law.extrapolated = false;
  law.peak_n = 5;
  law.peak_ops_s = 3e5;
  CHECK_THAT(scaling_sentence("a/b", law, 8), Contains("300k/s at 5 drivers, within the 8 drivers measured"));
  law.peak_n = std::numeric_limits<double>::infinity();
  CHECK_THAT(scaling_sentence("a/b", law, 8), Contains("no peak is predicted, which is extrapolation"));
}

TEST_CASE("capacity.csv has a cell for every column", "[harness][capacity]") {
  const CapacityRequest request = capacity_request({"response.p99<1ms", "reach>=0.99"});
  CapacityLine line;
  line.strategy = "coarse/ticket";
  line.bracket.failed_ops_s = std::numeric_limits<double>::infinity();
  line.outcome = CapacityOutcome::limit_reached;
  const std::string row = capacity_row(line, request, "run");
  const std::string header = capacity_header();
  CHECK(std::count(row.begin(), row.end(), ',') == std::count(header.begin(), header.end(), ','));
  CHECK(row ==
        "1,run,community,coarse/ticket,100,1,0,direct,response.p99<1ms reach>=0.99,limit_reached,,,0,0,,\n");
}

}  // namespace
}  // namespace crosstalk::harness
