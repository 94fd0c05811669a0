// What the main job is asked for: the flags of `run`, with defaults of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/run_options.h"

namespace crosstalk::harness {

// How long blocks are measured.
struct Budget {
  std::optional<double> seconds;  // empty: the number of blocks was chosen, however long they take
  bool was_chosen = false;        // by the user
};
// --budget, which is in RunOptions::more; `otherwise_s` where neither it nor --repetitions was given. Throws UsageError.
[[nodiscard]] Budget budget_of(const RunOptions& options, double otherwise_s);

struct CompareOptions {
  RunOptions run;                  // load closed
  double trace_rate_ops_s = 0;     // replay: operations a second at time scale 1
  Budget budget;                   // for all trials
  std::optional<double> until_ci;  // --until-ci 3%: 0.03
};

// Load, rate and time scale are what the main job chooses itself: they are refused, as are plans. Throws UsageError and
// workloads::InputError.
[[nodiscard]] CompareOptions parse_compare(const Catalog& catalog, const std::vector<std::string>& arguments,
                                           const Environment& environment);

struct TrialLength {
  std::uint64_t duration_ns = 0;
  std::uint64_t warmup_ns = 0;
};
// So long that some 60 blocks of two phases fit into the budget: 60 to 250 ms, and a warm-up of half of that. What
// differs most from trial to trial is the process, not the slice of its time, so many short ones say more than few long.
[[nodiscard]] TrialLength trial_length(double budget_s, std::uint64_t trials_per_block);

[[nodiscard]] std::string compare_help();

}  // namespace crosstalk::harness
