#include "reports/history.h"

#include <catch2/catch.hpp>

#include "reports/csv_reader.h"
#include "reports/history_test_help.h"

namespace crosstalk::reports {
namespace {

TEST_CASE("a row of the history reads back as it was written", "[reports][history]") {
  HistoryRow row = history_row("2026-01-31T04:00:00Z", 0.03);
  row.head = "crosstalk 2 (commit b, g++ 12.2, \"Release\")";
  row.interval = Span{0.0251, 0.0357};
  row.seed = 18'446'744'073'709'551'615U;
  const auto rows = read_history("h.csv", history_header() + history_line(row));
  REQUIRE(rows.size() == 1);
  CHECK(history_line(rows[0]) == history_line(row));
  CHECK(rows[0].head == row.head);
  CHECK(rows[0].interval->high == 0.0357);
  CHECK(rows[0].seed == row.seed);
  CHECK(rows[0].verdict == Verdict::unchanged);
}

TEST_CASE("what was not measured is empty and not zero", "[reports][history]") {
  HistoryRow row = history_row("2026-01-31T04:00:00Z", 0);
  row.loss.reset();
  row.error.reset();
  const auto rows = read_history("h.csv", history_header() + history_line(row));
  CHECK_FALSE(rows[0].loss);
  CHECK_FALSE(rows[0].interval);
  CHECK_FALSE(rows[0].error);
}

TEST_CASE("only what was soundly measured may stand in a series", "[reports][history]") {
  HistoryRow row = history_row("2026-01-31T04:00:00Z", 0.1);
  for (const Verdict verdict :
       {Verdict::unchanged, Verdict::improved, Verdict::undecided, Verdict::regressed}) {
    row.verdict = verdict;
    CHECK(row.usable());
  }
  for (const Verdict verdict : {Verdict::contaminated, Verdict::not_comparable, Verdict::broken}) {
    row.verdict = verdict;
    CHECK_FALSE(row.usable());
  }
  row.verdict = Verdict::undecided;
  row.error.reset();
  CHECK_FALSE(row.usable());
}

TEST_CASE("a row that is not understood is refused with its line", "[reports][history]") {
  const std::string good = history_line(history_row("2026-01-31T04:00:00Z", 0.03));
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    try {
      static_cast<void>(read_history("h.csv", history_header() + good + bad));
    } catch (const CsvError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(refused("unchanged", "unchained"), Catch::StartsWith("h.csv:3: verdict: unknown: 'unchained'"));
  CHECK_THAT(refused("2026-01-31T04:00:00Z", "2026-01-31 04:00"),
             Catch::StartsWith("h.csv:3: date: must be like 2026-01-31T04:00:00Z, got '2026-01-31 04:00'"));
  CHECK_THAT(refused(",0.005,", ",-0.005,"), Catch::Equals("h.csv:3: loss_error: must not be below 0"));
  CHECK_THAT(refused(",0.03,", ",,"), Catch::Equals("h.csv:3: loss: must stand where there is a loss_error"));
  CHECK_THAT(refused(",0.03,", ",three,"), Catch::StartsWith("h.csv:3: loss: must be a number"));
  CHECK_THAT(refused("\n", ",more\n"), Catch::StartsWith("h.csv:3: 20 cells"));
}

}  // namespace
}  // namespace crosstalk::reports
