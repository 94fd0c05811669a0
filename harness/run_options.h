// What a command line, the environment and .ini files ask for, checked and resolved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/settings.h"
#include "harness/text_table.h"
#include "workloads/scenario.h"

namespace crosstalk::harness {

struct RunOptions {
  PlanRequest request;           // unused with a stored plan: `plan` without `dry_run`
  workloads::Scenario scenario;  // of request.base.scenario, the flags' values applied; unused for a replay
  std::filesystem::path plan;    // --plan
  std::optional<std::uint64_t> row;  // --row
  bool dry_run = false;
  std::filesystem::path out;  // results folder
  Format format = Format::table;
  bool quiet = false;
  Progress::Options progress;
  std::string command;             // the command line, for the record
  bool seed_was_chosen = false;    // for the user: to be printed
  std::vector<std::string> notes;  // to be printed on stderr: strategies that globs skipped, and why
};

// The flags of `crosstalk run`, without the command. A --trace is read once, so that a damaged one is known
// before anything is measured. Throws UsageError and workloads::InputError.
[[nodiscard]] RunOptions parse_run(const Catalog& catalog, const std::vector<std::string>& arguments,
                                   const Environment& environment);

// The same for a command with defaults of its own, which everything else outweighs but the scenario file.
[[nodiscard]] RunOptions parse_run(const Catalog& catalog, std::string_view command,
                                   const std::vector<std::pair<std::string, std::string>>& defaults,
                                   const std::vector<std::string>& arguments, const Environment& environment);

// The keys that a scenario file may hold for the program: `program_keys` of workloads::load_scenario().
[[nodiscard]] std::set<std::string> program_keys();

}  // namespace crosstalk::harness
