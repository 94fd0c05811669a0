#include "harness/history_view.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "harness/printable.h"
#include "reports/history_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::HistoryRow;
using reports::judge_history;

// Twenty nights at `before`, twenty at `after`, each a little off.
std::vector<HistoryRow> history_of_two(double before, double after) {
  std::vector<double> losses;
  for (int i = 0; i < 40; ++i) losses.push_back((i < 20 ? before : after) + 0.001 * (i % 3 - 1));
  return reports::history_of(losses);
}

struct PrintedHistory {
  std::string out, err;
};
PrintedHistory printed_history(const std::vector<HistoryRow>& rows, HistoryForm form = {}) {
  std::ostringstream out, err;
  print_history(judge_history(rows), form, {out, err});
  return {out.str(), err.str()};
}

TEST_CASE("a drift and a change are told with their dates, commits and sizes", "[harness][history]") {
  const auto sentences = history_sentences(judge_history(history_of_two(0, 0.04)));
  REQUIRE(sentences.size() == 2);
  CHECK_THAT(
      sentences[0],
      Catch::StartsWith("DRIFT: solo_team, throughput: since 2026-01-21 (c20), seen 2026-01-21 (c20)") &&
          Catch::EndsWith("+4.1 % now"));
  CHECK(sentences[1] == "change: solo_team, throughput: 2026-01-21 (c20), +0.0 -> +4.1 % (p=0.001)");
}

TEST_CASE("a drift that was undone is over, and no reason to worry", "[harness][history]") {
  const auto findings = judge_history(history_of_two(0.04, 0));
  CHECK(history_answer(findings) == "No drift in 1 series; 1 change.");
  CHECK_THAT(history_sentences(findings)[0],
             Catch::StartsWith("over: solo_team, throughput: a drift since 2026-01-01 (c0)") &&
                 Catch::EndsWith("until 2026-01-21 (c20)"));
}

TEST_CASE("a change of the kernel where the series changed is told", "[harness][history]") {
  auto rows = history_of_two(0, 0.04);
  for (std::size_t i = 20; i < rows.size(); ++i) rows[i].kernel = "Linux 7";
  CHECK_THAT(history_sentences(judge_history(rows))[1],
             Catch::EndsWith("; the kernel is another one too: Linux 7"));
}

TEST_CASE("the answer counts series and changes", "[harness][history]") {
  CHECK(history_answer({}) == "The history holds no rows.");
  CHECK(history_answer(judge_history(reports::history_of({0}))) == "No drift in 1 series; 0 changes.");
  CHECK(history_answer(judge_history(history_of_two(0, 0.04))) == "DRIFT in 1 of 1 series; 1 change.");
}

TEST_CASE("a history keeps to 80 columns, with the gate's longest names", "[harness][history]") {
  auto rows = history_of_two(0, 0.04);
  for (HistoryRow& row : rows) {
    row.scenario = "crowd_counter";
    row.metric = "delivery_last_p99";
    row.machine = "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz, 16 of 64 CPUs, x86_64";
    row.anchor = "crosstalk 1.0.0 (commit 0123456789ab-dirty, g++ 12.2.0, Release)";
    row.head_commit = "ba9876543210-dirty";
  }
  rows.push_back(rows.back());
  rows.back().verdict = reports::Verdict::contaminated;
  const std::string out = printed_history(rows).out;
  std::istringstream lines(out);
  for (std::string text; std::getline(lines, text);) {
    INFO(text);
    CHECK(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }) <= 80);
  }
  CHECK_THAT(out, Catch::Contains("1 row left out") && Catch::Contains("2026-01-21"));
}

TEST_CASE("different machines and anchors have tables of their own", "[harness][history]") {
  auto rows = history_of_two(0, 0);
  for (std::size_t i = 0; i < rows.size(); i += 2) rows[i].machine = "another";
  const std::string out = printed_history(rows).out;
  CHECK_THAT(out, Catch::Contains("machine: another; ") && Catch::Contains("machine: a processor, 2 CPUs"));
  CHECK(out.find("scenario") != out.rfind("scenario"));
}

TEST_CASE("work is named only where it tells series apart", "[harness][history]") {
  auto rows = history_of_two(0, 0);
  CHECK_THAT(printed_history(rows).out, !Catch::Contains("threads=1"));
  rows[0].work = "team threads=9";
  CHECK_THAT(printed_history(rows).out, Catch::Contains("threads=9") && Catch::Contains("threads=1"));
}

TEST_CASE("programs' formats are one table alone, Markdown a heading with lists", "[harness][history]") {
  const auto rows = history_of_two(0, 0.04);
  const std::string csv = printed_history(rows, {.format = Format::csv}).out;
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 2);
  CHECK_THAT(csv, Catch::StartsWith("machine,anchor,"));
  const std::string points = printed_history(rows, {.format = Format::csv, .points = true}).out;
  CHECK(std::count(points.begin(), points.end(), '\n') == 41);
  CHECK_THAT(printed_history(rows, {.format = Format::json}).out, Catch::StartsWith("["));
  const std::string markdown = printed_history(rows, {.format = Format::markdown}).out;
  CHECK_THAT(markdown, Catch::StartsWith("## Performance history: DRIFT in 1 of 1 series; 1 change.") &&
                           Catch::Contains("\n- change: solo_team"));
}

TEST_CASE("points that resemble their neighbours are warned of", "[harness][history]") {
  std::vector<double> wave;
  for (int i = 0; i < 80; ++i) wave.push_back(0.001 * (i / 4 % 2));
  const PrintedHistory said = printed_history(reports::history_of(wave));
  CHECK_THAT(said.err, Catch::StartsWith("warning: solo_team, throughput: each point resembles the one"));
  CHECK(printed_history(history_of_two(0, 0.04)).err.empty());
}

}  // namespace
}  // namespace crosstalk::harness
