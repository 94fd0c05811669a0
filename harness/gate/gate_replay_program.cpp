// crosstalk_gate_replay --help: plays gates on recorded pairs and prints a row for each, the input of
// `scripts/validate_gate.py replay`.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "harness/gate/gate_replay.h"
#include "harness/gate/replay_options.h"
#include "reports/recorded_pairs.h"

namespace {

using namespace crosstalk::harness::gate;
using crosstalk::reports::RecordedPair;

void play(const ReplayOptions& options) {
  std::vector<RecordedPair> pairs;
  for (const std::string& file : options.recorded) {
    for (RecordedPair& pair : crosstalk::reports::recorded_pairs(file)) pairs.push_back(std::move(pair));
  }
  const Recording recording(pairs, options.plan.contests);
  std::cout << replay_header();
  for (const double share : options.effects) {
    for (std::size_t trial = 0; trial < options.trials; ++trial) {
      const ReplayEnd end =
          replay_gate(recording, options.plan, options.effect(share, trial), options.seed + trial);
      std::cout << replay_line(options.name, options.one ? "one" : "all", share, trial, end);
    }
    std::cout.flush();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "--help") {
    std::cout << replay_help();
    return 0;
  }
  try {
    play(parse_replay(arguments));
  } catch (const std::exception& error) {
    std::cerr << "crosstalk_gate_replay: " << error.what() << '\n';
    return 2;
  }
  return std::cout.flush() ? 0 : 7;
}
