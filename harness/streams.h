// Where a command writes: data to `out`, everything else to `err`.
#pragma once

#include <ostream>

namespace crosstalk::harness {

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

}  // namespace crosstalk::harness
