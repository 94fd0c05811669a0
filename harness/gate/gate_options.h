// What the gate is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/gate/contest.h"
#include "harness/gate/injection.h"
#include "harness/gate/metric_limits.h"
#include "harness/gate/waivers.h"
#include "harness/progress.h"

namespace crosstalk::harness::gate {

enum class GateFormat : std::uint8_t { table, markdown, csv, json, junit };
inline constexpr std::array<std::string_view, 5> kGateFormatWords{"table", "markdown", "csv", "json",
                                                                  "junit"};

struct GateOptions {
  // Either programs, each in one or several links of the same objects, ...
  std::vector<std::filesystem::path> base{}, head{};
  // ... or results folders.
  std::filesystem::path baseline{}, candidate{};
  std::vector<Contest> contests{};
  Metrics metrics{};  // those to be judged that are timed, with their limits; empty: none
  Waivers waivers{};
  reports::UndecidedPolicy undecided = reports::UndecidedPolicy::fail;
  std::uint64_t pairs = 0;      // of each contest, at most
  std::uint64_t budget_ns = 0;  // of the whole gate, but for confirmations
  std::uint64_t block_ns = 0;   // measured in a block, about
  std::uint64_t warmup_ns = 0;
  std::uint64_t timeout_ns = 0;                // of a block, after which its program hangs
  std::uint64_t seed = 0;                      // of all that is drawn, and of the traces
  bool seed_was_chosen = false;                // for the user: to be printed
  std::string foreign_limit{};                 // as run takes it; empty: its default
  bool instructions = false;                   // are counted
  double instruction_margin = 0;               // a growth beyond it is a warning, ...
  std::optional<reports::GateMetric> exact{};  // ... or judged by this metric
  bool count = true;                           // what operations do is counted, apart from the pairs
  Injection injection{};                       // head is slowed down on purpose
  std::filesystem::path out{};
  std::filesystem::path history{};  // the file to append to; empty: none
  GateFormat format = GateFormat::table;
  bool quiet = false;
  Progress::Options progress{};

  [[nodiscard]] bool judges_folders() const noexcept { return !baseline.empty(); }
};

// Throws UsageError. Files of limits and waivers are read.
[[nodiscard]] GateOptions parse_gate(const std::vector<std::string>& arguments,
                                     const Environment& environment);

[[nodiscard]] std::string gate_help();

}  // namespace crosstalk::harness::gate
