#include "harness/report_command.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "harness/command_line_test_support.h"
#include "harness/recorded_test_help.h"
#include "reports/csv_reader.h"
#include "reports/folder_merge.h"
#include "reports/history_test_help.h"
#include "reports/results_reader.h"

namespace crosstalk::harness {
namespace {

struct Said {
  int code = 0;
  std::string out, err;
};
Said report_says(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int code = report_command(arguments, {}, {out, err});
  return {code, out.str(), err.str()};
}

TEST_CASE("each form of export goes to standard output or to a file", "[harness][report_command]") {
  const WrittenFolder written(usual_results());
  const TestFolder folder;
  for (const auto& [form, begin] :
       std::vector<std::pair<std::string, std::string>>{{"gbench", "{\n  \"context\""},
                                                        {"prometheus", "# HELP "},
                                                        {"junit", "<?xml "},
                                                        {"summary", "### crosstalk"}}) {
    const Said said = report_says({written.files.path.string(), "--export", form});
    CHECK(said.code == 0);
    CHECK_THAT(said.out, Catch::StartsWith(begin));
    const auto file = folder.path / form;
    CHECK(report_says({written.files.path.string(), "--export", form, "--out", file.string()}).out.empty());
    CHECK(content_of(file) == said.out);
  }
}

TEST_CASE("percentile files have harmless names of their own", "[harness][report_command]") {
  auto results = usual_results();
  results.push_back(tournament_trial("../../x", 0, 1'000));
  results.push_back(tournament_trial("../../y" + std::string(300, 'z'), 0, 1'000));
  results.push_back(tournament_trial("../..:x", 0, 1'000));
  const WrittenFolder written(results);
  const TestFolder folder;
  const auto out = folder.path / "hgrm";
  const Said said = report_says({written.files.path.string(), "--export", "hdr", "--out", out.string()});
  CHECK_THAT(said.err, Catch::StartsWith("6 files"));
  CHECK(std::filesystem::exists(out / "team.closed.a-a.service.hgrm"));
  CHECK(std::filesystem::exists(out / "team.closed...-..-x.service.hgrm"));
  CHECK(std::filesystem::exists(out / "team.closed...-..-x.service-2.hgrm"));
}

TEST_CASE("folders are merged into one that can be reported", "[harness][report_command]") {
  auto later = usual_results();
  for (reports::RunResult& result : later) result.identity.run_id = "r2";
  const WrittenFolder a(usual_results()), b(later);
  const TestFolder folder;
  const std::string out = (folder.path / "all").string();
  CHECK(report_says({"--merge", a.files.path.string(), b.files.path.string(), "--out", out}).code == 0);
  const auto trials = reports::read_trials(out);
  CHECK(trials.size() == 10);
  CHECK(report_says({out, "--format", "csv"}).code == 0);
  CHECK_THROWS_AS(report_says({"--merge", a.files.path.string(), a.files.path.string(), "--out", out + "2"}),
                  reports::NotComparable);
}

TEST_CASE("a damaged file is refused before anything is printed", "[harness][report_command]") {
  const WrittenFolder written(usual_results());
  written.files.put("latency.csv", written.files.content("latency.csv") + "1,r1,0,all");
  CHECK_THROWS_AS(report_says({written.files.path.string()}), reports::CsvError);
}

TEST_CASE("a history ends with 0 whatever it says, or with 1 where a drift is to fail",
          "[harness][report_command]") {
  const TestFolder folder;
  const auto written = [&](const char* name, const std::vector<double>& losses) {
    std::string text = reports::history_header();
    for (const reports::HistoryRow& row : reports::history_of(losses)) text += reports::history_line(row);
    return folder.put(name, text);
  };
  const std::string worse = written("worse.csv", std::vector<double>(12, 0.05));
  const std::string steady = written("steady.csv", std::vector<double>(12, 0));
  CHECK(report_says({"--history", worse}).code == 0);
  CHECK_THAT(report_says({"--history", worse}).out, Catch::StartsWith("DRIFT in 1 of 1 series"));
  CHECK(report_says({"--history", worse, "--fail-on-drift"}).code == 1);
  CHECK(report_says({"--history", steady, "--fail-on-drift"}).code == 0);
  CHECK(report_says({"--history", written("empty.csv", {}), "--fail-on-drift"}).code == 0);
  const std::string bad = folder.put("bad.csv", reports::history_header() + "1,yesterday\n");
  CHECK_THROWS_WITH(report_says({"--history", bad}), Catch::Contains("bad.csv:2: "));
}

TEST_CASE("several folders are printed one after the other", "[harness][report_command]") {
  const WrittenFolder a(usual_results()), b(usual_results());
  const Said said = report_says({a.files.path.string(), b.files.path.string()});
  CHECK_THAT(said.out, Catch::StartsWith("== " + a.files.path.string()));
  CHECK_THAT(said.out, Catch::Contains("== " + b.files.path.string()));
}

}  // namespace
}  // namespace crosstalk::harness
