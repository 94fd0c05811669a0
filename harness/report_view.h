// A results folder in 80 columns: the answer as `run` or `compare` gave it, then how latencies are distributed and how the
// measured phase went, drawn with characters.
#pragma once

#include <string>
#include <vector>

#include "harness/glyphs.h"
#include "harness/recorded_folder.h"
#include "harness/streams.h"
#include "harness/text_table.h"

namespace crosstalk::harness {

// A bar for each strategy over the responses of all its sound trials together. Nothing where no latencies were recorded.
[[nodiscard]] std::vector<std::string> latency_bars(const LoadRecord& load, const Glyphs& glyphs);
// Two sparklines for each strategy: completed operations and p99 over the measured phase, medians over sound trials.
[[nodiscard]] std::vector<std::string> timelines(const LoadRecord& load, const Glyphs& glyphs);

// Both, after the answer; for people. Throws reports::CsvError (comparison.csv).
void print_folder(const RecordedFolder& folder, Format format, const Glyphs& glyphs, Streams streams);

// As `run` would have ended: 3 a law was broken, 8 a trial crashed, 4 a strategy without a sound trial, else 0.
[[nodiscard]] int exit_code_of(const std::vector<RecordedFolder>& folders);

}  // namespace crosstalk::harness
