// What the tests of the explorer share.
#pragma once

#include <string>

#include "harness/explore/explore.h"

namespace crosstalk::harness::explore {

inline std::string describe(const Result& result) {
  return std::string(to_string(result.finding)) + ": " + result.reason + "\nreplay '" + result.replay +
         "' after " + result.coverage() + " in " + std::to_string(result.seconds) + " s\n" + result.table;
}

inline Options with(Switching switching) {
  Options options;
  options.switching = switching;
  return options;
}

}  // namespace crosstalk::harness::explore
