// `crosstalk compare --from DIR`: the verdicts over blocks that were measured before (blocks.csv), and how a tournament of fewer
// blocks would have judged them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/streams.h"
#include "harness/text_table.h"
#include "reports/block_values.h"

namespace crosstalk::harness {

struct RecordedOptions {
  std::filesystem::path folder;
  std::optional<std::uint64_t> split;  // blocks of a tournament; empty: all of them are one
  Format format = Format::table;
};

// Does the command line ask for it?
[[nodiscard]] bool compares_recorded(const std::vector<std::string>& arguments);
// Throws UsageError.
[[nodiscard]] RecordedOptions parse_recorded(const std::vector<std::string>& arguments);

// Of a series of tournaments over the same field.
struct Series {
  std::uint64_t tournaments = 0;
  std::uint64_t told_apart = 0;  // those whose winner was told apart from anybody
  std::uint64_t blocks = 0;      // of each
};
struct SeriesLine {
  std::string strategy;
  reports::Duel whole;      // the leader over all blocks against this one
  std::uint64_t found = 0;  // tournaments that told it apart from that leader, as the whole does
  std::uint64_t wrong = 0;  // that told it apart the other way round
  double detectable = 0;    // log-ratio, median over the tournaments; 0: too few blocks
};
struct JudgedSeries {
  Series series;
  std::string leader;  // over all blocks
  std::vector<SeriesLine> lines;
};
// `split` >= 1. A field of fewer than two contenders has no lines.
[[nodiscard]] JudgedSeries judge_series(const reports::BlockField& field, std::uint64_t split);

// Returns the exit code; throws reports::CsvError.
[[nodiscard]] int compare_recorded(const RecordedOptions& options, Streams streams);

[[nodiscard]] std::string recorded_help();

}  // namespace crosstalk::harness
