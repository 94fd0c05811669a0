// Queues of other people's libraries, where they were found as the program was built. Of the program and not of the library.
#pragma once

#include <vector>

#include "harness/verify/component.h"

namespace crosstalk::harness::verify {

// For offer_components().
void add_peer_queues(std::vector<Component>& all);

}  // namespace crosstalk::harness::verify
