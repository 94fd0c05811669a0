// Who wins, over blocks that hold every strategy once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/paired.h"

namespace crosstalk::reports {

struct Contender {
  std::string name;
  std::vector<double> values;  // one per block; all contenders have the same blocks
};

struct Tournament {
  std::vector<std::size_t> ranking;  // indices of the contenders, best median first
  bool resolved = false;             // the leader differs from every other one
  double ratio = 1;                  // leader / runner-up, Hodges-Lehmann
  std::optional<Span> interval;      // of the ratio, 95 %
  double p = 1;                      // largest adjusted p-value of the leader against another
  std::vector<std::size_t> tied;     // contenders that cannot be told from the leader, itself included
  std::size_t blocks = 0;
};

// Larger values are better. The leader is chosen from the same data, so its comparisons are adjusted (Holm) as if all
// pairs had been tested; level 5 % over the whole field.
[[nodiscard]] Tournament judge(const std::vector<Contender>& field);

}  // namespace crosstalk::reports
