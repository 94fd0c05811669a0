// Synthetic pairs for the tests of the gate.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "reports/sequential_gate.h"

namespace crosstalk::reports {

// Of a pairs.csv, the columns that are read.
inline constexpr std::string_view kRecordedPairsHeader =
    "schema_version,pair,scenario,use,first,disturbed,base_throughput,base_cpu_per_op,base_response_p50,base_response_p99,"
    "base_delivery_last_p99,base_seconds,base_status,head_throughput,head_cpu_per_op,head_response_p50,head_response_p99,"
    "head_delivery_last_p99,head_seconds,head_status\n";

struct SyntheticNoise {
  double deviation = 0.015;  // of a pair's log-ratio
  double shared = 0.7;       // correlation of a pair's metrics
  double wild = 0.05;        // share of pairs five times as noisy
};

// Standard normal numbers, the same with every library.
class SyntheticNormal {
 public:
  explicit SyntheticNormal(std::uint64_t seed) : random_(seed) {}
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  double operator()() {  // Box and Muller
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::mt19937_64 random_;
};

// Pairs of base and head whose values of all metrics are around 100, in a machine as noisy as that.
class SyntheticMachine {
 public:
  using Values = std::vector<std::optional<double>>;

  SyntheticMachine(std::vector<GateMetric> metrics, SyntheticNoise noise, std::uint64_t seed)
      : metrics_(std::move(metrics)), noise_(noise), normal_(seed) {}

  // Measures one pair for the gate, in which head is slower by these losses (log-ratios, a value per metric).
  bool add_pair(SequentialGate& gate, const PairOrder& order, const std::vector<double>& losses) {
    Values base, head;
    const double size = noise_.deviation * (normal_.uniform() < noise_.wild ? 5 : 1);
    const double common = normal_();
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
      const double own = normal_();
      const double noise = size * (std::sqrt(noise_.shared) * common + std::sqrt(1 - noise_.shared) * own);
      const double loss = losses[metric] + noise;
      base.emplace_back(100);
      head.emplace_back(100 * std::exp(metrics_[metric].better == Better::larger ? -loss : loss));
    }
    return gate.add(order.scenario, order.phase, base, head);
  }

  // Runs a gate to its end. `losses`: by scenario and metric. Returns the number of pairs measured.
  std::size_t run(SequentialGate& gate, const std::vector<std::vector<double>>& losses) {
    std::size_t pairs = 0;
    for (auto orders = gate.orders(); !orders.empty(); orders = gate.orders()) {
      for (const PairOrder& order : orders) {
        pairs += add_pair(gate, order, losses[order.scenario]) ? 1 : 0;
      }
    }
    return pairs;
  }

 private:
  std::vector<GateMetric> metrics_;
  SyntheticNoise noise_;
  SyntheticNormal normal_;
};

inline std::vector<GateScenario> scenarios_of(std::size_t count, std::size_t pairs_max = 40) {
  std::vector<GateScenario> scenarios;
  for (std::size_t i = 0; i < count; ++i)
    scenarios.push_back({.name = "scenario " + std::to_string(i), .pairs_max = pairs_max});
  return scenarios;
}

}  // namespace crosstalk::reports
