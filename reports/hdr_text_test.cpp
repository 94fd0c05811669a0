#include "reports/hdr_text.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace crosstalk::reports {
namespace {

struct Line {
  double value = 0, inverse = 0;
};

// As HdrHistogram's plotter reads it: lines of four numbers that are no comments.
std::vector<Line> plotted(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::vector<std::string> cells;
    for (std::string cell; words >> cell;) cells.push_back(cell);
    if (cells.size() != 4 || cells[0].starts_with('#') || cells[0] == "Value") continue;
    lines.push_back({std::stod(cells[0]), std::stod(cells[3])});
  }
  return lines;
}

TEST_CASE("the plotter finds the percentiles where they are", "[reports][hdr_text]") {
  Histogram values;
  values.record(100, 900);
  values.record(1'000, 90);
  values.record(10'000, 10);
  const auto lines = plotted(hdr_text(values));
  REQUIRE(lines.size() > 20);
  CHECK(lines.front().inverse == 1);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    CHECK(lines[i].inverse > lines[i - 1].inverse);
    CHECK(lines[i].value >= lines[i - 1].value);
  }
  for (const Line& line : lines) {
    const double expected = line.inverse <= 10 ? 0.1 : line.inverse <= 100 ? 1 : 10;
    CHECK(line.value == Approx(expected).epsilon(0.01));
  }
}

TEST_CASE("the last line and the footer are exact", "[reports][hdr_text]") {
  Histogram values;
  values.record(100, 3);
  values.record(123'457, 1);
  const std::string text = hdr_text(values);
  CHECK_THAT(text, Catch::Contains("     123.457 1.000000000000          4\n"));
  CHECK_THAT(text, Catch::Contains("#[Mean    =       30.939, StdDeviation"));
  CHECK_THAT(text, Catch::Contains("#[Max     =      123.457, Total count    =            4]"));
}

TEST_CASE("an empty histogram is a footer", "[reports][hdr_text]") {
  CHECK(plotted(hdr_text({})).empty());
  CHECK_THAT(hdr_text({}), Catch::Contains("Total count    =            0]"));
}

TEST_CASE("more values than a double counts are shown to an end", "[reports][hdr_text]") {
  Histogram values;
  values.record(100, std::uint64_t{1} << 53);
  values.record(101, 1);
  const auto lines = plotted(hdr_text(values));
  REQUIRE(lines.size() > 20);
  for (std::size_t i = 1; i < lines.size(); ++i) CHECK(lines[i].inverse >= lines[i - 1].inverse);
  CHECK(std::isfinite(lines.back().inverse));
}

TEST_CASE("values beyond the histogram's range are shown by their maximum", "[reports][hdr_text]") {
  Histogram values;
  values.record(Histogram::kRange * 4, 5);
  CHECK_THAT(hdr_text(values), Catch::Contains(" 1.000000000000          5\n"));
}

}  // namespace
}  // namespace crosstalk::reports
