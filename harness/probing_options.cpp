#include "harness/probing_options.h"

#include <string>

#include "harness/count/countable.h"

namespace crosstalk::harness {

void read_probing(Settings& settings, PlanRow& row) {
  row.anatomy = settings.on("anatomy");
  if (row.anatomy && !row.latency) settings.exclusive("anatomy", "no-latency");
  row.count = settings.on("count");
  if (!row.count) return;
  const std::string obstacle = count::obstacle_to_counting(row);
  if (!obstacle.empty()) throw UsageError(settings.find("count")->origin + ": " + obstacle);
}

}  // namespace crosstalk::harness
