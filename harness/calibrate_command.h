// `crosstalk calibrate`: what this machine can measure at all, and what to do about what disturbs it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/calibration.h"
#include "harness/calibrator.h"
#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/machine.h"
#include "harness/progress.h"
#include "harness/streams.h"
#include "harness/text_table.h"

namespace crosstalk::harness {

struct CalibrateOptions {
  CalibrationEffort effort;
  std::filesystem::path out;  // where the results are kept
  Format format = Format::table;
  Progress::Options progress;
};

// Throws UsageError.
[[nodiscard]] CalibrateOptions parse_calibrate(const std::vector<std::string>& arguments,
                                               const Environment& environment);

// Measures, prints and stores. Returns the exit code: 0, 130 or 143. Throws UsageError, workloads::InputError and
// reports::OutputError; whether the results can be stored is tried first.
[[nodiscard]] int run_calibration(const Catalog& catalog, const CalibrateOptions& options, Streams streams);

// Both of these; throws UnfitBuild, too.
[[nodiscard]] int calibrate_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                                    const Environment& environment, Streams streams);
[[nodiscard]] std::string calibrate_help();

// Shares of the processors that others took meanwhile, from 5 % on, as a sentence; empty: less, or not known.
[[nodiscard]] std::string contamination_of(const Calibration& calibration);

// table, markdown: a table for each subject; csv, json: one of key, value, advice.
void print_calibration(std::ostream& out, const Calibration& calibration,
                       const std::vector<MachineFact>& machine, Format format);

}  // namespace crosstalk::harness
