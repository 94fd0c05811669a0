// A whole gate played on recorded pairs: looks, confirmation, control, time and exit code are those of gate_run.h, only that
// pairs come from a recording of a program against itself, and that head is slowed down by a number. For
// scripts/validate_gate.py, not for use: it can be asked thousands of times how often it errs and how soon it finds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/gate/contest.h"
#include "harness/gate/metric_limits.h"
#include "harness/gate/recording.h"

namespace crosstalk::harness::gate {

struct ReplayPlan {
  std::vector<Contest> contests = gating_contests();
  Metrics metrics = reports::default_gate_metrics();
  std::size_t pairs = 40;            // of each contest, at most
  std::size_t contended_pairs = 40;  // the same of those that are not solo
  double budget_seconds = 180;
  double start_seconds = 6;  // that plans and probes take before the first pair
  double mean_rounds = 10;   // that a gate follows the recording in one go
};

// As --inject total= does it: throughput and processor time of head are worse by this share, responses are not.
struct ReplayEffect {
  double share = 0;
  std::vector<std::size_t> slowed{};  // contests
};

struct ReplayEnd {
  int exit_code = 0;
  double seconds = 0;
  std::optional<double>
      caught_seconds{};         // until a row that is worse than its margin was regressed, if the gate failed
  bool first_look = false;      // that row was found at the first look
  std::size_t pairs = 0;        // control and disturbed ones included
  std::size_t wrongly_red = 0;  // rows regressed that are not worse than their margin
  std::size_t wrongly_unchanged = 0;       // rows unchanged that are worse than their budget
  std::size_t intervals = 0, covered = 0;  // of rows of contests; that hold the truth
};

// `recording`: of the plan's contests. Throws std::invalid_argument for a plan of too few pairs.
[[nodiscard]] ReplayEnd replay_gate(const Recording& recording, const ReplayPlan& plan,
                                    const ReplayEffect& effect, std::uint64_t seed);

// plan,slowed,effect,trial,exit_code,seconds,...
[[nodiscard]] std::string replay_header();
[[nodiscard]] std::string replay_line(const std::string& plan, const std::string& slowed, double effect,
                                      std::size_t trial, const ReplayEnd& end);

}  // namespace crosstalk::harness::gate
