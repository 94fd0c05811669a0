#include "harness/report_view.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "harness/printable.h"
#include "harness/recorded_test_help.h"
#include "reports/winner_map.h"

namespace crosstalk::harness {
namespace {

std::size_t widest_of(const std::vector<std::string>& lines) {
  std::size_t widest = 0;
  for (const std::string& line : lines) {
    const auto width = std::count_if(line.begin(), line.end(), [](char c) { return !is_continuation(c); });
    widest = std::max(widest, static_cast<std::size_t>(width));
  }
  return widest;
}

std::string printed_folder(const RecordedFolder& folder, Format format) {
  std::ostringstream out, err;
  print_folder(folder, format, ascii_glyphs(), {out, err});
  return out.str();
}

TEST_CASE("bars and lines keep to 80 columns whatever the names", "[harness][report_view]") {
  auto results = usual_results();
  results.push_back(tournament_trial(std::string(300, 'x'), 0, 1'234'567, 1'234'567'890));
  const WrittenFolder written(results);
  const RecordedFolder folder = written.read();
  for (const Glyphs* glyphs : {&ascii_glyphs(), &block_glyphs()}) {
    CHECK(widest_of(latency_bars(folder.loads()[0], *glyphs)) <= 80);
    CHECK(widest_of(timelines(folder.loads()[0], *glyphs)) <= 80);
  }
}

TEST_CASE("there is a bar for every strategy and two lines for those that are no floor",
          "[harness][report_view]") {
  const WrittenFolder written(usual_results());
  const RecordedFolder folder = written.read();
  const auto bars = latency_bars(folder.loads()[0], ascii_glyphs());
  REQUIRE(bars.size() == 4);  // a head and three
  CHECK_THAT(bars[1], Catch::StartsWith("a/a ") && Catch::EndsWith("100 ns   300 ns   300 ns"));
  const auto lines = timelines(folder.loads()[0], ascii_glyphs());
  REQUIRE(lines.size() == 2);  // the slices have no p99
  CHECK_THAT(lines[0], Catch::Contains("####################") && Catch::EndsWith("110k/s"));
}

TEST_CASE("a folder of run is printed as run printed it, with pictures", "[harness][report_view]") {
  const WrittenFolder written(usual_results());
  const std::string text = printed_folder(written.read(), Format::table);
  CHECK_THAT(text, Catch::StartsWith("closed, 5,000 clients, 2 drivers\n\nstrategy"));
  CHECK_THAT(text, Catch::Contains("a/a"));
  CHECK_THAT(text, Catch::Contains("\nnull/null "));
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a folder of compare is printed as compare printed it", "[harness][report_view]") {
  const WrittenFolder written(usual_results(), "crosstalk compare");
  CHECK_THAT(printed_folder(written.read(), Format::table), Catch::Contains("best throughput: a/a"));
}

TEST_CASE("a map of winners is printed as a map", "[harness][report_view]") {
  const WrittenFolder written(usual_results(), "crosstalk compare --map");
  reports::MapRow cell;
  cell.run_id = "r1";
  cell.leader = "a/a";
  cell.runner_up = "b/b";
  written.files.put("map.csv", reports::map_header() + reports::map_line(cell));
  const std::string text = printed_folder(written.read(), Format::table);
  CHECK_THAT(text, Catch::Contains("1 cell"));
  CHECK(text.find("p99") == std::string::npos);
}

TEST_CASE("Markdown has pictures in a block of their own", "[harness][report_view]") {
  const WrittenFolder written(usual_results());
  const std::string text = printed_folder(written.read(), Format::markdown);
  CHECK_THAT(text, Catch::Contains("| strategy |"));
  CHECK_THAT(text, Catch::Contains("```text\n"));
}

TEST_CASE("without latencies and slices there are no pictures", "[harness][report_view]") {
  reports::RunResult bare = tournament_trial("a/a", 0, 1'000);
  bare.ops[0].response.clear();
  bare.intervals.clear();
  const WrittenFolder written({bare});
  const RecordedFolder folder = written.read();
  CHECK(latency_bars(folder.loads()[0], ascii_glyphs()).empty());
  CHECK(timelines(folder.loads()[0], ascii_glyphs()).empty());
}

TEST_CASE("the exit code is that of the worst folder", "[harness][report_view]") {
  auto broken = usual_results();
  broken.front().verified = false;
  auto crashed = usual_results();
  crashed.front().status = reports::Status::failed;
  const WrittenFolder good(usual_results()), a(broken), b(crashed);
  std::vector<RecordedFolder> folders;
  folders.push_back(good.read());
  CHECK(exit_code_of(folders) == 0);
  folders.push_back(b.read());
  CHECK(exit_code_of(folders) == 8);
  folders.push_back(a.read());
  CHECK(exit_code_of(folders) == 3);
}

}  // namespace
}  // namespace crosstalk::harness
