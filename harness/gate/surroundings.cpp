#include "harness/gate/surroundings.h"

#include <algorithm>

namespace crosstalk::harness::gate {

Surroundings draw_surroundings(workloads::RandomStream& random, const Choices& choices) {
  Surroundings drawn;
  drawn.layout = choices.layouts[random.below(choices.layouts.size())];
  drawn.environment_pad = random.below(kLargestEnvironmentPad + 1);
  drawn.plan_row = random.below(choices.plan_rows);
  drawn.cpus = choices.cpus;
  return drawn;
}

std::vector<int> draw_cpus(workloads::RandomStream& random, const std::vector<int>& usable,
                           std::size_t threads) {
  if (threads == 0 || threads >= usable.size()) return {};
  std::vector<int> drawn;
  const std::size_t first = random.below(usable.size());
  for (std::size_t i = 0; i < threads; ++i) drawn.push_back(usable[(first + i) % usable.size()]);
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

std::vector<std::size_t> layouts_of(std::size_t layouts, bool confirmation) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = confirmation && layouts > 1 ? 1 : 0; i < layouts; i += 2) chosen.push_back(i);
  return chosen;
}

std::string padding_variable(std::size_t bytes) {
  if (bytes == 0) return {};
  return "GATE_PADDING=" + std::string(bytes, 'x');
}

}  // namespace crosstalk::harness::gate
