// What the gate is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/progress.h"
#include "harness/text_table.h"

namespace crosstalk::harness {

struct GateOptions {
  std::filesystem::path base, head;  // programs
  std::vector<std::string> scenarios;
  std::vector<std::string> metrics;  // of throughput, response_p99, cpu_per_op
  std::uint64_t pairs = 0;
  double margin = 0;                    // 0.05: a factor of 1.05 is accepted
  double response_margin = 0;           // of response_p99
  std::uint64_t seed = 0;               // of the order in which things are run, and of the traces
  bool seed_was_chosen = false;         // for the user: to be printed
  std::vector<std::string> plan_flags;  // handed to `run --dry-run` of the base, which makes the plan
  std::filesystem::path out;
  Format format = Format::table;
  bool quiet = false;
  Progress::Options progress;
};

// Throws UsageError.
[[nodiscard]] GateOptions parse_gate(const std::vector<std::string>& arguments,
                                     const Environment& environment);

[[nodiscard]] std::string gate_help();

}  // namespace crosstalk::harness
