#include "reports/results_reader.h"

#include <catch2/catch.hpp>

#include "reports/csv_reader.h"
#include "reports/results_test_help.h"

namespace crosstalk::reports {
namespace {

std::string damaged(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a trial is read back as it was recorded", "[reports][results_reader]") {
  const ResultsFolder folder;
  RunResult result = sample_result("r1", 3, "sharded/\"odd\", name", 7);
  result.status_reason = "why; not, \"ok\"";
  result.identity.oversubscribed = true;
  result.floor_share = 0.25;
  result.check_cost_pct = 1.5;
  ResultsWriter(folder.path).write(result);
  const auto trials = read_trials(folder.path);
  REQUIRE(trials.size() == 1);
  const RecordedTrial& trial = trials.front();
  const RecordedTrial expected = recorded(result);
  CHECK(trial.identity.strategy == expected.identity.strategy);
  CHECK(trial.identity.trace_hash == expected.identity.trace_hash);
  CHECK(trial.identity.block == 7);
  CHECK(trial.identity.oversubscribed);
  CHECK(trial.status_reason == expected.status_reason);
  CHECK(trial.verified == true);
  CHECK(trial.floor_share == 0.25);
  CHECK(trial.check_cost_pct == 1.5);
  CHECK(trial.commit == "abc");
  REQUIRE(trial.ops.size() == 2);
  CHECK(trial.all().achieved_ops_s == expected.all().achieved_ops_s);
  CHECK(trial.all().service.p50_ns == expected.all().service.p50_ns);
  CHECK(trial.all().response.p99_ns == expected.all().response.p99_ns);
  CHECK_FALSE(trial.all().response.p999_ns.has_value());
  REQUIRE(trial.intervals.size() == 1);
  CHECK(trial.intervals.front().completed == 1'000);
  CHECK(trial.measured_ns() == 1'000'000);
  CHECK(trial.clients.measure == "mean_response_ns");
  CHECK(trial.clients.curve.value == expected.clients.curve.value);
}

TEST_CASE("buckets put a histogram back", "[reports][results_reader]") {
  const ResultsFolder folder;
  const RunResult result = sample_result("r1", 3, "a/b");
  ResultsWriter(folder.path).write(result);
  const auto trials = read_trials(folder.path);
  Histogram service;
  read_latency(folder.path, trials, [&](const LatencyRow& row) {
    CHECK(&row.trial == trials.data());
    CHECK(row.metric == "service");  // equal to the response, which is left out
    if (row.op == "all") service.restore(row.bucket_low_ns, row.bucket_high_ns, row.count);
  });
  service.refine(5'003, 950.3);
  CHECK(service.count() == 1'000);
  CHECK(service.max() == 5'003);
  CHECK(service.mean() == Approx(950.3));
  CHECK(service.percentile(0.99) == result.ops[0].service.percentile(0.99));
}

TEST_CASE("rows of a trial that runs.csv does not have are passed over", "[reports][results_reader]") {
  const ResultsFolder folder;
  ResultsWriter(folder.path).write(sample_result("r1", 3, "a/b"));
  for (const char* file : {"intervals.csv", "latency.csv", "clients.csv"})
    folder.put(file,
               folder.content(file) +
                   damaged(folder.content(file).substr(folder.content(file).find('\n') + 1), "r1,3", "r1,4"));
  const auto trials = read_trials(folder.path);
  CHECK(trials.front().intervals.size() == 1);
}

TEST_CASE("columns may stand in any order, and there may be more", "[reports][results_reader]") {
  const ResultsFolder folder;
  ResultsWriter(folder.path).write(sample_result("r1", 3, "a/b"));
  folder.put("clients.csv",
             "value,new,share_pct,measure,trial,run_id,schema_version\n"
             "5.5,x,100,completed_share,3,r1,1\n");
  CHECK(read_trials(folder.path).front().clients.curve.value[100] == 5.5);
}

TEST_CASE("the optional files may be absent", "[reports][results_reader]") {
  const ResultsFolder folder;
  ResultsWriter(folder.path).write(sample_result("r1", 3, "a/b"));
  for (const char* file : {"intervals.csv", "latency.csv", "clients.csv", "environment.csv"})
    std::filesystem::remove(folder.path / file);
  const auto trials = read_trials(folder.path);
  CHECK(trials.size() == 1);
  CHECK(trials.front().intervals.empty());
  read_latency(folder.path, trials, [](const LatencyRow&) { FAIL("there are no rows"); });
  CHECK(read_environment(folder.path).empty());
}

TEST_CASE("what is damaged is refused with file and line", "[reports][results_reader]") {
  const ResultsFolder folder;
  ResultsWriter(folder.path).write(sample_result("r1", 3, "a/b"));
  const auto refuses = [&](const std::string& file, const std::string& from, const std::string& to,
                           const std::string& reason) {
    const std::string whole = folder.content(file);
    folder.put(file, damaged(whole, from, to));
    const auto read = [&] { read_latency(folder.path, read_trials(folder.path), [](const LatencyRow&) {}); };
    CHECK_THROWS_WITH(read(),
                      Catch::StartsWith((folder.path / file).string() + ":") && Catch::Contains(reason));
    folder.put(file, whole);
  };
  refuses("runs.csv", "0000000000000abc", "abc", ":2: trace_hash: must be 16 hexadecimal digits");
  refuses("runs.csv", "1234.5", "-nan", ":2: achieved_ops_s");
  refuses("runs.csv", ",ok,", ",fine,", ":2: status: unknown: 'fine'");
  refuses("runs.csv", ",post,", ",all,", ":3: op all of trial 3 of run r1 stands here for the second time");
  refuses("runs.csv", ",all,", ",none,", ":2: trial 3 of run r1 has no row of op all");
  refuses("latency.csv", ",500,", ",501,", ":2: bucket_low_ns, bucket_high_ns: no bucket");
  refuses("latency.csv", ",900\n", ",-900\n",
          ":2: count: must be a whole number from 0 to 9223372036854775807, got '-900'");
  refuses("latency.csv", ",900\n", ",9007199254740993\n", ":2: count: must be at most");
  refuses("latency.csv", ",500,503,", ",500,499,", ":2: bucket_high_ns: below bucket_low_ns");
  refuses("clients.csv", "mean_response_ns", "mean", ":2: measure: unknown: 'mean'");
  refuses("intervals.csv", ",1000000,", ",,", ":2: length_ns");
  refuses("clients.csv", ",100,", ",101,", ":102: share_pct: must be at most 100, got 101");
}

}  // namespace
}  // namespace crosstalk::reports
