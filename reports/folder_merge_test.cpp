#include "reports/folder_merge.h"

#include <catch2/catch.hpp>

#include "reports/results_reader.h"
#include "reports/results_test_help.h"

namespace crosstalk::reports {
namespace {

const Facts kMachine{{"cpu_model", "x"}, {"cpus_online", "2"}, {"command", "crosstalk run"}};

struct TwoFolders {
  ResultsFolder a, b, into;
  std::filesystem::path out = into.path / "merged";

  void write(const RunResult& of_a, const RunResult& of_b, const Facts& machine_of_b = kMachine) const {
    ResultsWriter first(a.path);
    first.write(of_a);
    first.write_environment(kMachine);
    ResultsWriter second(b.path);
    second.write(of_b);
    second.write_environment(machine_of_b);
  }
  void merge() const { merge_folders({a.path, b.path}, out); }
};

TEST_CASE("a merged folder holds the rows of all", "[reports][folder_merge]") {
  const TwoFolders folders;
  folders.write(sample_result("r1", 0, "a/\"x\", y"), sample_result("r2", 1, "b/b"));
  folders.merge();
  const auto trials = read_trials(folders.out);
  REQUIRE(trials.size() == 2);
  CHECK(trials[0].identity.strategy == "a/\"x\", y");
  CHECK(trials[1].identity.strategy == "b/b");
  CHECK(trials[1].identity.block == 0);  // rows of one plan share their block
  CHECK(trials[1].intervals.size() == 1);
  CHECK(trials[1].clients.curve.clients == 10);
  std::uint64_t values = 0;
  read_latency(folders.out, trials,
               [&](const LatencyRow& row) { values += row.op == "all" ? row.count : 0; });
  CHECK(values == 2'000);
  const Facts facts = read_environment(folders.out);
  CHECK(std::count(facts.begin(), facts.end(), std::pair<std::string, std::string>("cpu_model", "x")) == 1);
  CHECK(std::count_if(facts.begin(), facts.end(),
                      [](const auto& fact) { return fact.first == "merged_from"; }) == 2);
}

TEST_CASE("a slash behind the name of the merged folder means nothing", "[reports][folder_merge]") {
  for (const char* slashes : {"/", "//"}) {
    TwoFolders folders;
    folders.write(sample_result("r1", 0, "a/a"), sample_result("r2", 1, "b/b"));
    const std::filesystem::path named = folders.out;
    folders.out += slashes;
    folders.merge();
    CHECK(read_trials(named).size() == 2);
    CHECK(std::distance(std::filesystem::directory_iterator(folders.into.path), {}) == 1);
  }
}

TEST_CASE("a run that was repeated has further blocks in the merged folder", "[reports][folder_merge]") {
  const TwoFolders folders;
  folders.write(sample_result("r1", 0, "a/a", 4), sample_result("r2", 0, "a/a", 4));
  folders.merge();
  const auto trials = read_trials(folders.out);
  CHECK(trials[0].identity.block == 4);
  CHECK(trials[1].identity.block == 9);
}

TEST_CASE("files with CRLF are merged as ours are written", "[reports][folder_merge]") {
  const TwoFolders folders;
  folders.write(sample_result("r1", 0, "a/a"), sample_result("r2", 0, "b/b"));
  std::string text = folders.b.content("latency.csv");
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
    text.insert(at, 1, '\r');
  folders.b.put("latency.csv", text);
  folders.merge();
  std::ifstream in(folders.out / "latency.csv", std::ios::binary);
  const std::string merged{std::istreambuf_iterator<char>(in), {}};
  CHECK(merged.find('\r') == std::string::npos);
}

TEST_CASE("what must not be compared is refused with the reason, and nothing is left behind",
          "[reports][folder_merge]") {
  const TwoFolders folders;
  RunResult other = sample_result("r2", 0, "a/a");
  Facts machine = kMachine;
  std::string reason;
  SECTION("commit") {
    other.commit = "def";
    reason = "build (commit) differs";
  }
  SECTION("compiler") {
    other.compiler = "clang";
    reason = "build (compiler) differs";
  }
  SECTION("trace") {
    other.identity.trace_hash = 0xDEF;
    other.identity.seed = 5;
    reason = "0000000000000def (seed 5)";
  }
  SECTION("machine") {
    machine[0].second = "y";
    reason = "machine (cpu_model) differs";
  }
  SECTION("the same measurement") {
    other.identity.run_id = "r1";
    reason = "one measurement must not count twice";
  }
  folders.write(sample_result("r1", 0, "a/a"), other, machine);
  CHECK_THROWS_WITH(folders.merge(), Catch::Contains(reason) && Catch::Contains(folders.b.path.string()));
  CHECK_THROWS_AS(folders.merge(), NotComparable);
  CHECK(std::filesystem::is_empty(folders.into.path));
}

TEST_CASE("other columns are refused", "[reports][folder_merge]") {
  const TwoFolders folders;
  folders.write(sample_result("r1", 0, "a/a"), sample_result("r2", 0, "a/a"));
  folders.b.put("intervals.csv", "more," + folders.b.content("intervals.csv"));
  std::string text = folders.b.content("intervals.csv");
  text.insert(text.find('\n') + 1, "x,");
  folders.b.put("intervals.csv", text);
  CHECK_THROWS_WITH(folders.merge(), Catch::Contains("schema of intervals.csv differs"));
}

TEST_CASE("different rates are different loads and may have different traces", "[reports][folder_merge]") {
  const TwoFolders folders;
  RunResult slow = sample_result("r1", 0, "a/a");
  RunResult fast = sample_result("r2", 1, "a/a");
  for (RunResult* each : {&slow, &fast}) each->identity.load_model = "poisson";
  slow.ops[0].offered_ops_s = 10'000;
  fast.ops[0].offered_ops_s = 20'000;
  fast.identity.trace_hash = 0xDEF;
  folders.write(slow, fast);
  CHECK_NOTHROW(folders.merge());
}

TEST_CASE("a folder that is there already is not merged into", "[reports][folder_merge]") {
  const TwoFolders folders;
  folders.write(sample_result("r1", 0, "a/a"), sample_result("r2", 0, "b/b"));
  folders.merge();
  CHECK_THROWS_WITH(folders.merge(), Catch::Contains("is there already"));
  CHECK(read_trials(folders.out).size() == 2);
}

}  // namespace
}  // namespace crosstalk::reports
