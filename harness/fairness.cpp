#include "harness/fairness.h"

#include <optional>
#include <vector>

#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

struct Sums {
  double completed = 0;
  double tallied = 0;  // see ClientTally::sum
};

std::optional<double> service_of(const Sums& sums, bool open_loop) {
  if (open_loop) {
    if (sums.tallied == 0) return std::nullopt;
    return sums.completed / sums.tallied;
  }
  if (sums.completed == 0) return std::nullopt;
  return sums.tallied / sums.completed;
}

}  // namespace

Fairness fairness_of(std::span<const ClientTally> tallies, unsigned drivers, bool open_loop) {
  std::vector<double> of_clients;
  std::vector<Sums> by_driver(drivers);
  for (std::size_t client = 0; client < tallies.size(); ++client) {
    const ClientTally& tally = tallies[client];
    const Sums own{static_cast<double>(tally.completed), static_cast<double>(tally.sum)};
    if (const auto service = service_of(own, open_loop)) of_clients.push_back(*service);
    Sums& driver = by_driver[client % drivers];
    driver.completed += own.completed;
    driver.tallied += own.tallied;
  }
  std::vector<double> of_drivers;
  for (const Sums& sums : by_driver) {
    if (const auto service = service_of(sums, open_loop)) of_drivers.push_back(*service);
  }
  return {.clients = reports::jain(of_clients),
          .drivers = reports::jain(of_drivers),
          .curve = reports::client_curve(of_clients)};
}

}  // namespace crosstalk::harness
