#include "harness/preliminaries.h"

#include "harness/campaign.h"
#include "harness/flags.h"
#include "harness/plug_in_check.h"

namespace crosstalk::harness {

void begin_measuring(const Catalog& catalog, const RunOptions& options, Streams streams) {
  for (const std::string& note : options.notes) {
    if (!options.quiet) streams.err << wrapped("note: " + note, 2) << '\n';
  }
  if (options.seed_was_chosen) streams.err << "seed: " << options.request.base.seed << std::endl;
  require_fit_build();
  if (!options.check_plugged_in) return;
  const PlanRow& base = options.request.base;
  MeasuredParts parts{.strategies = options.request.strategies, .pools = {}};
  if (base.path == Path::pooled) parts.pools.push_back(base.pool);
  check_plugged_in(catalog, parts);
}

}  // namespace crosstalk::harness
