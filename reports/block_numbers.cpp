#include "reports/block_numbers.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace crosstalk::reports {

namespace {

// What may stand once in a block.
std::string place_in_block(const RecordedTrial& trial) {
  const TrialIdentity& id = trial.identity;
  std::ostringstream text;
  text << id.strategy << '\n'
       << id.scenario << '\n'
       << id.settings << '\n'
       << id.think << '\n'
       << id.path << ' ' << id.load_model << ' ' << id.clients << ' ' << id.threads << ' ' << id.workers
       << ' ' << id.outside_ns << ' ' << id.repeat << ' ' << id.trace_hash << '\n'
       << setup_key(id, trial.allocator);
  return text.str();
}

}  // namespace

void settle_blocks(std::vector<RecordedTrial>& trials) {
  std::vector<std::string> runs;  // in order of appearance
  std::map<std::string, std::vector<RecordedTrial*>> of_run;
  for (RecordedTrial& trial : trials) {
    auto& own = of_run[trial.identity.run_id];
    if (own.empty()) runs.push_back(trial.identity.run_id);
    own.push_back(&trial);
  }
  std::set<std::pair<std::string, std::uint64_t>> taken;
  std::uint64_t next = 0;
  for (const std::string& run : runs) {
    const auto& own = of_run[run];
    const bool collides = std::any_of(own.begin(), own.end(), [&](const RecordedTrial* trial) {
      return taken.contains({place_in_block(*trial), trial->identity.block});
    });
    const std::uint64_t raised = collides ? next : 0;
    for (RecordedTrial* trial : own) {
      trial->identity.block += raised;
      taken.emplace(place_in_block(*trial), trial->identity.block);
      next = std::max(next, trial->identity.block + 1);
    }
  }
}

}  // namespace crosstalk::reports
