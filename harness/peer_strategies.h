// Strategies over locks and maps of other people, where they were found as the program was built.
#pragma once

#include "harness/catalog.h"

namespace crosstalk::harness {

// Adds them behind all others, each marked as a peer's. Defined in a generated file, which belongs to the program and not to the
// library.
void add_peer_strategies(Catalog& catalog);

}  // namespace crosstalk::harness
