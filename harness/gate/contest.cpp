#include "harness/gate/contest.h"

#include <algorithm>

namespace crosstalk::harness::gate {

const std::vector<Contest>& gating_contests() {
  static const std::vector<Contest> all{
      {.name = "solo_team",
       .scenario = "team",
       .strategy = "sharded/std_mutex",
       .clients = 1000,
       .models = "one driver, many small rooms: locks nobody contends, inboxes, history"},
      {.name = "solo_stream",
       .scenario = "stream",
       .strategy = "sharded/rw_lock",
       .clients = 1000,
       .models = "one driver, one huge room: fan-out"},
      {.name = "solo_map",
       .scenario = "community",
       .strategy = "map/flat_map",
       .clients = 1000,
       .models = "one driver, public rooms: the concurrent map"},
      {.name = "crowd_team",
       .scenario = "team",
       .strategy = "sharded/std_mutex",
       .threads = 2,
       .clients = 1000,
       .models = "two drivers, many small rooms"},
      {.name = "crowd_counter",
       .scenario = "hot_counter",
       .strategy = "coarse/futex_mutex",
       .threads = 2,
       .clients = 1000,
       .models = "two drivers, one lock that both want"},
      {.name = "pooled_mixed",
       .scenario = "mixed",
       .strategy = "sharded/std_mutex",
       .path = "pooled",
       .clients = 1000,
       .models = "one driver and one worker: the thread pool and its queue"},
  };
  return all;
}

const Contest* gating_contest(std::string_view name) {
  const std::vector<Contest>& all = gating_contests();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Contest& contest) { return contest.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> flags_of(const Contest& contest) {
  std::vector<std::string> flags{"--scenario",     contest.scenario, "--strategy",
                                 contest.strategy, "--threads",      std::to_string(contest.threads),
                                 "--path",         contest.path,     "--load",
                                 "closed"};
  if (contest.path == "pooled") flags.insert(flags.end(), {"--workers", "1"});
  if (contest.clients) flags.insert(flags.end(), {"--clients", std::to_string(*contest.clients)});
  return flags;
}

}  // namespace crosstalk::harness::gate
