// Replay: a schedule as text. "t1.15.2" = at its 15th event thread 1 gives way to thread 2; s: thread 2 is the one that is woken;
// r: the load returns the second last store. Everything not named is as usual. Joined by commas.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

[[nodiscard]] std::string to_text(const std::vector<Switch>& switches);
// Throws std::invalid_argument naming the part that is wrong.
[[nodiscard]] std::vector<Switch> parse_replay(std::string_view text);

}  // namespace crosstalk::harness::explore
