// Usage: crosstalk_gate_trials TRIALS [NOISE.csv]... > trials.csv: the gate and the rules of other tools on synthetic noise, or on
// that of recorded pairs of one and the same program. The input of scripts/validate_gate.py.
#include <cstdlib>
#include <iostream>

#include "reports/csv_reader.h"
#include "reports/gate_trials.h"

namespace {

using namespace crosstalk::reports;

constexpr std::size_t kSyntheticBlocks = 20'000;

std::vector<NoiseSeries> noise_of(int files, char** names) {
  if (files == 0) return synthetic_noise(kSyntheticBlocks, 1);
  std::vector<NoiseSeries> all;
  for (int i = 0; i < files; ++i) {
    for (NoiseSeries& series : recorded_noise(names[i])) all.push_back(std::move(series));
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long trials = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (trials < 100 || trials > 1'000'000) {
    std::cerr << "crosstalk_gate_trials: TRIALS must be between 100 and 1000000\n";
    return 2;
  }
  try {
    std::cout << trials_header();
    TrialPlan plan;
    plan.trials = trials;
    for (const NoiseSeries& noise : noise_of(argc - 2, argv + 2)) {
      for (const TrialRow& row : gate_trials(noise, plan)) std::cout << trials_line(row);
    }
  } catch (const std::exception& error) {
    std::cerr << "crosstalk_gate_trials: " << error.what() << '\n';
    return 2;
  }
  return std::cout.flush() ? 0 : 7;
}
