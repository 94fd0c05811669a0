#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "harness/trace_source.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {
namespace {

// A folder for one test, gone afterwards.
class SourceFolder {
 public:
  SourceFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("crosstalk-trace-source-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~SourceFolder() { std::filesystem::remove_all(path_); }
  SourceFolder(const SourceFolder&) = delete;
  SourceFolder& operator=(const SourceFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

std::string small_scenario(const SourceFolder& folder) {
  return folder.file("small.ini", "name = small\nrooms = 4\nsilent_share = 0.5\nlap_operations = 1000\n");
}
std::string small_trace(const SourceFolder& folder) {
  return folder.file(
      "talk.csv",
      "time_ms,user,room,event,bytes\n0,1,7,join,\n1,2,7,message,5\n2,1,7,message,6\n10,3,7,message,7\n");
}

PlanRow scenario_row(const std::string& scenario) {
  PlanRow row;
  row.scenario = scenario;
  row.clients = 30;
  row.seed = 5;
  row.duration_ns = 1'000'000'000;
  return row;
}
PlanRow replay_row(const std::string& trace) {
  PlanRow row;
  row.trace = trace;
  row.load = LoadModel::trace;
  row.time_scale = 2;
  return row;
}

TEST_CASE("rows that differ in what a trace does not depend on share it", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  PlanRow row = scenario_row(small_scenario(folder));
  const auto first = source.get(row);
  row.strategy = "sharded/ticket";
  row.row = row.block = row.repetition = 3;
  row.path = Path::pooled;
  row.workers = 2;
  row.duration_ns = row.warmup_ns = 7;
  row.checks = Checks::off;
  row.latency = false;
  CHECK(source.get(row) == first);
}

TEST_CASE("rows that differ in what makes a trace have traces of their own", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  const PlanRow row = scenario_row(small_scenario(folder));
  const auto first = source.get(row);
  std::vector<PlanRow> others(6, row);
  others[0].seed = 6;
  others[1].clients = 31;
  others[2].load = LoadModel::constant;
  others[2].rate_ops_s = 1'000;
  others[3].load = LoadModel::poisson;
  others[3].rate_ops_s = 1'000;
  others[4] = others[3];
  others[4].rate_ops_s = 1'001;
  others[5].settings = "rooms=3";
  std::vector<std::uint64_t> hashes{first->trace.hash};
  for (const PlanRow& other : others) {
    const auto trace = source.get(other);
    for (const std::uint64_t hash : hashes) CHECK(trace->trace.hash != hash);
    hashes.push_back(trace->trace.hash);
  }
}

TEST_CASE("more drivers share out the same operations", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  PlanRow row = scenario_row(small_scenario(folder));
  const auto one = source.get(row);
  row.threads = 3;
  const auto three = source.get(row);
  CHECK(one->drivers.size() == 1);
  REQUIRE(three->drivers.size() == 3);
  CHECK(one->trace.hash == three->trace.hash);
  CHECK(three->drivers[0].size() + three->drivers[1].size() + three->drivers[2].size() ==
        one->trace.ops.size());
  for (std::uint32_t driver = 0; driver < 3; ++driver) {
    for (const workloads::Op& op : three->drivers[driver]) CHECK(op.client % 3 == driver);
  }
}

TEST_CASE("a trace comes with its name and what it delivers", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  const std::string scenario = small_scenario(folder);
  const auto generated = source.get(scenario_row(scenario));
  CHECK(generated->name == scenario);
  CHECK(generated->trace.repeats);
  CHECK(generated->lap_deliveries > 0);
  const auto replay = source.get(replay_row(small_trace(folder)));
  CHECK(replay->name == "talk.csv");
  CHECK_FALSE(replay->trace.repeats);
  CHECK(replay->trace.clients == 3);
  CHECK(replay->trace.time_scale == 2);
  CHECK(replay->trace.lap_ns == Approx(5e6));
  CHECK(replay->lap_deliveries == 3 * 2);  // user 2 and 3 are members from the start, user 1 joins first
}

TEST_CASE("a replay depends on the duration where that decides its time scale, and only there",
          "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  PlanRow row = replay_row(small_trace(folder));
  row.duration_ns = 1'000'000;
  const auto scaled = source.get(row);
  row.duration_ns = 2'000'000;
  CHECK(source.get(row) == scaled);
  row.time_scale = 0;
  const auto fitted = source.get(row);
  CHECK(fitted->trace.time_scale == Approx(5));
  row.duration_ns = 4'000'000;
  CHECK(source.get(row)->trace.time_scale == Approx(2.5));
  row.lurkers = 1;
  CHECK(source.get(row)->trace.notes.lurkers == 3);
}

TEST_CASE("the eight traces used last are kept", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  PlanRow row = scenario_row(small_scenario(folder));
  std::vector<std::shared_ptr<const PreparedTrace>> traces;
  for (row.seed = 0; row.seed < 8; ++row.seed) traces.push_back(source.get(row));
  row.seed = 0;
  CHECK(source.get(row) == traces[0]);  // used again: seed 1 is the oldest now
  row.seed = 8;
  source.get(row);
  row.seed = 0;
  CHECK(source.get(row) == traces[0]);
  row.seed = 1;
  CHECK(source.get(row) != traces[1]);
  CHECK(source.get(row)->trace.hash == traces[1]->trace.hash);
}

TEST_CASE("what cannot be read is an error of the input", "[harness][trace_source]") {
  const SourceFolder folder;
  TraceSource source;
  CHECK_THROWS_AS(source.get(scenario_row("no-such-scenario")), workloads::InputError);
  CHECK_THROWS_AS(source.get(scenario_row(folder.file("bad.ini", "rooms = none\n"))), workloads::InputError);
  CHECK_THROWS_AS(source.get(replay_row("/no/such/file.csv")), workloads::InputError);
  CHECK_THROWS_AS(
      source.get(replay_row(folder.file("bad.csv", "time_ms,user,room,event,bytes\n1,2,3,shout,4\n"))),
      workloads::InputError);
}

}  // namespace
}  // namespace crosstalk::harness
