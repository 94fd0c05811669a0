// What a command line, the environment and .ini files ask for, checked and resolved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/settings.h"
#include "harness/text_table.h"
#include "reports/threshold.h"
#include "workloads/scenario.h"

namespace crosstalk::harness {

// A command that takes the flags of run in its own way.
struct RunCommand {
  // What it asks for where nobody but the scenario file says anything, unless one of `instead` is given.
  struct Default {
    std::string flag;
    std::string text;
    std::vector<std::string> instead;
  };

  std::string name = "run";
  std::vector<Default> defaults;
  std::vector<std::string> own;  // flags whose values are its own choice: refused
  std::vector<std::string>
      taken{};                   // flags of run that it reads itself: in RunOptions::more, as if not given
  std::span<const Flag> more{};  // flags that run does not have; what was given for them: RunOptions::more
};

struct RunOptions {
  PlanRequest request;           // unused with a stored plan: `plan` without `dry_run`
  workloads::Scenario scenario;  // of request.base.scenario, the flags' values applied; unused for a replay
  std::filesystem::path plan;    // --plan
  std::optional<std::uint64_t> row;  // --row
  bool dry_run = false;
  std::filesystem::path out;   // results folder
  std::filesystem::path live;  // --live; empty: none
  Format format = Format::table;
  std::vector<reports::Threshold> thresholds;
  bool check_plugged_in = true;
  std::uint64_t reference_ops = ~std::uint64_t{0};  // see ReferenceCheck
  bool quiet = false;
  Progress::Options progress;
  std::string command;                   // the command line, for the record, as a shell takes it
  bool repetitions_were_chosen = false;  // by the user
  bool length_was_chosen = false;        // of a trial, by the user: --duration, --ops or --warmup
  bool seed_was_chosen = false;          // for the user: to be printed
  std::vector<Given> more;               // see RunCommand
  [[nodiscard]] const Given* given(std::string_view flag) const;  // of `more`; null if nobody gave it
  std::vector<std::string> notes;  // to be printed on stderr: strategies that globs skipped, and why
};

// The flags of the command, without its name. A --trace is read once, so that a damaged one is known before anything is
// measured. Throws UsageError and workloads::InputError.
[[nodiscard]] RunOptions parse_run(const Catalog& catalog, const std::vector<std::string>& arguments,
                                   const Environment& environment, const RunCommand& command = {});

// The keys that a scenario file may hold for the program: `program_keys` of workloads::load_scenario().
[[nodiscard]] std::set<std::string> program_keys();

}  // namespace crosstalk::harness
