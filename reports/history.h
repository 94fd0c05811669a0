// Rows of history.csv: what a gate found against a frozen build, one for each scenario and metric of a night.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/gate_verdict.h"

namespace crosstalk::reports {

struct HistoryRow {
  std::string date;     // in UTC: 2026-01-31T04:00:00Z
  std::string machine;  // what must be the same for losses to be comparable, as one text
  std::string kernel;
  std::string anchor, anchor_commit, anchor_hash;  // the frozen build; commits may be empty
  std::string head, head_commit;
  std::string scenario, work;
  std::string metric;
  std::optional<double> loss{};    // a log-ratio against the anchor, above 0 is worse
  std::optional<Span> interval{};  // of it, 95 %
  std::optional<double> error{};   // its standard error, at least 0
  std::uint64_t pairs = 0;
  Verdict verdict = Verdict::undecided;
  std::uint64_t seed = 0;

  // May it stand in a series? Not where the machine was not quiet or the programs failed, and not without a standard error.
  [[nodiscard]] bool usable() const noexcept;
};

[[nodiscard]] std::string history_header();
// One line of the file, its end included.
[[nodiscard]] std::string history_line(const HistoryRow& row);
// Rows as history_line() wrote them. Throws CsvError, also for verdicts that are no words of one, dates of another form, standard
// errors below 0, and those without a loss.
[[nodiscard]] std::vector<HistoryRow> read_history(const std::filesystem::path& file);
// The same of the bytes of a file that errors call `name`.
[[nodiscard]] std::vector<HistoryRow> read_history(const std::string& name, std::string_view bytes);

}  // namespace crosstalk::reports
