// What comes before the first trial of a command that compares strategies.
#pragma once

#include "harness/catalog.h"
#include "harness/run_options.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Prints notes and a seed that was chosen for the user. Throws UnfitBuild, and what check_plugged_in() throws of the
// request's strategies and pool, unless it is not to be asked.
void begin_measuring(const Catalog& catalog, const RunOptions& options, Streams streams);

}  // namespace crosstalk::harness
