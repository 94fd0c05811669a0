#include "reports/client_curve.h"

#include <algorithm>
#include <cmath>

namespace crosstalk::reports {

ClientCurve client_curve(std::vector<double> of_clients) {
  ClientCurve curve;
  curve.clients = of_clients.size();
  if (of_clients.empty()) return curve;
  std::sort(of_clients.begin(), of_clients.end());
  const double last = static_cast<double>(of_clients.size() - 1);
  for (std::size_t p = 0; p < ClientCurve::kPoints; ++p) {
    const double place = last * static_cast<double>(p) / (ClientCurve::kPoints - 1);
    const double below = std::floor(place);
    const auto low = static_cast<std::size_t>(below);
    const std::size_t high = std::min(low + 1, of_clients.size() - 1);
    // Of two equal values exactly that one, so that the curve never falls.
    curve.value[p] = of_clients[low] + (place - below) * (of_clients[high] - of_clients[low]);
  }
  return curve;
}

}  // namespace crosstalk::reports
