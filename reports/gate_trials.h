// The gate and the rules of other tools on the same noise: how often each is red, after how many minutes.
//
// A trial takes a stretch of a long series of blocks of one and the same program, at random, hands its values to base and head in
// the order in which the tool at hand would have measured them, and makes those of head larger by the effect. The same stretches
// serve all tools and effects. A rule is scored twice: at the limit its tool has, and at the one at which it is red in
// 1 % of the trials without an effect. That tools of other designs get a stretch of the same blocks is kind to them: they
// measure base and head further apart, in other processes, or on another day.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reports/recorded_pairs.h"

namespace crosstalk::reports {

// Values of blocks in the order of time, smaller is better, all above 0.
struct NoiseSeries {
  std::string name;
  std::vector<double> blocks;
};

struct TrialPlan {
  std::vector<double> effects{0, 0.02, 0.05, 0.1, 0.2};  // head over base less 1; the first one 0
  std::vector<std::size_t> pairs{10, 14, 20, 40, 80};    // blocks of each side, at most
  std::size_t trials = 1'000;
  double block_seconds = 0.7;  // start of the process and warm-up included
  std::uint64_t seed = 1;
};

struct TrialRow {
  std::string noise, tool;
  double effect = 0;
  std::size_t pairs = 0;
  double minutes = 0;  // on average
  std::size_t trials = 0;
  std::size_t red = 0;  // at the tool's own limit
  std::size_t red_fair =
      0;  // at the limit at which 1 % are red without an effect; of the gate the same as red
};

// Rows by tool, pairs, effect. Throws std::invalid_argument for a series that is too short for the plan, with the length needed.
[[nodiscard]] std::vector<TrialRow> gate_trials(const NoiseSeries& noise, const TrialPlan& plan);

// noise,tool,effect,pairs,minutes,trials,red,red_fair
[[nodiscard]] std::string trials_header();
[[nodiscard]] std::string trials_line(const TrialRow& row);

// Series of so many blocks. quiet: normal, 1.06 % (1.5 % of a pair). wild: one block in twenty 5 to 30 % slower besides. shared: a
// neighbour that makes everything 6 % slower, on for 40 blocks on average and off for 80, and a drift of 3 % about the mean that
// is half forgotten after 140 blocks.
[[nodiscard]] std::vector<NoiseSeries> synthetic_noise(std::size_t blocks, std::uint64_t seed);

// The series of gates that judged a program against itself, one for each scenario and metric: base and head of every pair that
// was not disturbed, in the order in which they ran. A metric that some pair lacks has no series.
[[nodiscard]] std::vector<NoiseSeries> recorded_noise(std::span<const RecordedPair> pairs);

}  // namespace crosstalk::reports
