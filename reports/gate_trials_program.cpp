// Usage: crosstalk_gate_trials TRIALS [only=NAME]... [PAIRS.csv]... > trials.csv: the gate and the rules of other tools on
// synthetic noise, or on that of the pairs.csv of gates of a program against itself, which are taken for one recording. NAME:
// "solo_team, throughput", the series to take (default all). The input of scripts/validate_gate.py rivals.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/gate_trials.h"
#include "reports/recorded_pairs.h"

namespace {

using namespace crosstalk::reports;

constexpr std::size_t kSyntheticBlocks = 20'000;

constexpr std::string_view kOnly = "only=";

std::vector<NoiseSeries> noise_of(const std::vector<std::string>& arguments) {
  std::vector<RecordedPair> pairs;
  std::vector<std::string> chosen;
  for (const std::string& argument : arguments) {
    if (argument.starts_with(kOnly)) {
      chosen.push_back(argument.substr(kOnly.size()));
      continue;
    }
    for (RecordedPair& pair : recorded_pairs(argument)) pairs.push_back(std::move(pair));
  }
  std::vector<NoiseSeries> all = pairs.empty() ? synthetic_noise(kSyntheticBlocks, 1) : recorded_noise(pairs);
  if (chosen.empty()) return all;
  std::erase_if(all, [&](const NoiseSeries& series) {
    return std::find(chosen.begin(), chosen.end(), series.name) == chosen.end();
  });
  if (all.size() < chosen.size()) throw std::invalid_argument("only=: no series of such a name is complete");
  return all;
}

// A short recording has room for the smaller sizes only.
TrialPlan plan_for(const NoiseSeries& noise, std::size_t trials) {
  TrialPlan plan;
  plan.trials = trials;
  while (plan.pairs.size() > 1 && 4 * plan.pairs.back() > noise.blocks.size()) plan.pairs.pop_back();
  return plan;
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
    for (const NoiseSeries& noise : noise_of({argv + std::min(argc, 2), argv + argc})) {
      for (const TrialRow& row : gate_trials(noise, plan_for(noise, trials))) std::cout << trials_line(row);
    }
  } catch (const std::exception& error) {
    std::cerr << "crosstalk_gate_trials: " << error.what() << '\n';
    return 2;
  }
  return std::cout.flush() ? 0 : 7;
}
