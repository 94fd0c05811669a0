// Where a callback of an event bus runs.
#pragma once

#include <cstdint>

namespace crosstalk::pool {

enum class Dispatch : std::uint8_t {
  inlined,  // on the publisher's thread, inside publish()
  pooled,   // on the bus's executor; events of one subscriber one at a time and in order
  thread,   // on a thread of its own for each event: no order, and slow
};

}  // namespace crosstalk::pool
