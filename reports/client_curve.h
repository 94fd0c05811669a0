// How evenly the clients of a trial were served, as a quantile curve: of what share of them is the value at most this?
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace crosstalk::reports {

// value[p], p in per cent: smallest, ..., median, ..., largest. Trivially copyable, so that it may lie in shared memory.
struct ClientCurve {
  static constexpr std::size_t kPoints = 101;

  std::size_t clients = 0;  // 0: nothing is known of any, and the values mean nothing
  std::array<double, kPoints> value{};
};

// Between two clients' values the curve is linear, as with numpy.quantile.
[[nodiscard]] ClientCurve client_curve(std::vector<double> of_clients);

}  // namespace crosstalk::reports
