#include "harness/recorded_comparison.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace crosstalk::harness {
namespace {

using reports::Better;
using reports::BlockField;

// a/a and b/b, whose ratio is `ratio` give or take 5 per cent, over so many blocks.
BlockField contest_over(std::uint64_t blocks, double ratio) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 0.05);
  BlockField field{"r1", "closed, 5 clients", "throughput", Better::larger, {{"a/a", {}}, {"b/b", {}}}};
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const double common = 1e5 * std::exp(noise(random));
    field.contenders[0].values[block] = common * std::exp(noise(random));
    field.contenders[1].values[block] = common / ratio;
  }
  return field;
}

std::filesystem::path recorded_folder(const BlockField& field) {
  const auto folder = std::filesystem::temp_directory_path() / "crosstalk_recorded_test";
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / "blocks.csv");
  file << reports::block_values_header();
  for (const auto& contender : field.contenders) {
    for (const auto& [block, value] : contender.values) {
      file << reports::block_values_line(
          {field.run_id, field.load, field.metric, field.better, contender.name, block, value});
    }
  }
  return folder;
}

TEST_CASE("a series of tournaments between equals hardly ever finds a difference", "[harness][recorded]") {
  const JudgedSeries judged = judge_series(contest_over(200 * 12, 1), 12);
  CHECK(judged.series.tournaments == 200);
  CHECK(judged.series.blocks == 12);
  CHECK(judged.series.told_apart <= 4);  // 1 is expected
  REQUIRE(judged.lines.size() == 1);
  CHECK(judged.lines[0].found + judged.lines[0].wrong <= judged.series.told_apart);
}

TEST_CASE("a large difference is found by every tournament, a small one by some", "[harness][recorded]") {
  const JudgedSeries large = judge_series(contest_over(50 * 12, 1.25), 12);
  CHECK(large.leader == "a/a");
  CHECK(large.series.told_apart == 50);
  CHECK(large.lines.at(0).found == 50);
  CHECK(large.lines[0].wrong == 0);
  CHECK(std::abs(large.lines[0].whole.ratio - 1.25) < 0.01);
  CHECK(large.lines[0].detectable > 0.01);
  CHECK(large.lines[0].detectable < std::log(1.25));
  const JudgedSeries small = judge_series(contest_over(50 * 12, 1.04), 12);
  CHECK(small.lines.at(0).found > 5);
  CHECK(small.lines[0].found < 45);
}

TEST_CASE("recorded blocks are judged as they were, in every format", "[harness][recorded]") {
  const auto folder = recorded_folder(contest_over(24, 1.25));
  for (const char* format : {"table", "markdown", "csv", "json"}) {
    std::ostringstream out, err;
    const std::vector<std::string> arguments{"--from", folder.string(), "--split", "12", "--format", format};
    CHECK(compares_recorded(arguments));
    CHECK(compare_recorded(parse_recorded(arguments), {out, err}) == 0);
    const bool for_people = std::string(format) == "table" || std::string(format) == "markdown";
    const std::string& said = for_people ? out.str() : err.str();
    CHECK_THAT(said, Catch::Contains("2 tournaments of 12 blocks"));
    CHECK_THAT(out.str(), Catch::Contains("b/b"));
  }
  std::ostringstream out, err;
  CHECK(compare_recorded(parse_recorded({"--from=" + folder.string()}), {out, err}) == 0);
  CHECK_THAT(out.str(), Catch::Contains("one tournament of 24 blocks"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("what cannot be judged is refused by the flag's name", "[harness][recorded]") {
  const auto folder = recorded_folder(contest_over(3, 1)).string();
  CHECK_THROWS_WITH(parse_recorded({"--from", "/nowhere"}), Catch::Contains("--from: no blocks.csv in"));
  CHECK_THROWS_WITH(parse_recorded({"--from", folder, "--split", "0"}),
                    Catch::Contains("--split: must be between 1 and"));
  CHECK_THROWS_WITH(parse_recorded({"--from", folder, "--clients", "9"}), Catch::Contains("--clients"));
  std::ostringstream out, err;
  CHECK(compare_recorded(parse_recorded({"--from", folder, "--split", "5"}), {out, err}) == 0);
  CHECK_THAT(out.str(), Catch::Contains("fewer blocks than one tournament is to have"));
}

}  // namespace
}  // namespace crosstalk::harness
