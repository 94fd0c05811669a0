// The control within the run: base against a second copy of base. Nothing can be slower there but by an error of the
// experiment: copies that lie differently on the disk, a flag that reaches one side only, a machine that changes with the order.
// Where the control finds a difference, no verdict of the run can be trusted.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/gate/metric_limits.h"

namespace crosstalk::harness::gate {

struct ControlResult {
  std::size_t pairs = 0;
  std::size_t fewest = 0;            // pairs below which no difference could be told from chance
  double p = 1;                      // that copies differ so much by chance, in any metric
  std::string metric;                // the one that differs most surely; empty: nothing was measured
  double change = 0;                 // of it, copy / base - 1, Hodges-Lehmann
  bool differs = false;              // p is at most kControlLevel, and the change beyond the metric's margin
  std::vector<double> deviations{};  // of one pair's log-ratio, of each metric; 0 without two pairs
};

inline constexpr double kControlLevel = 0.01;

class Control {
 public:
  explicit Control(Metrics metrics) : metrics_(std::move(metrics)), losses_(metrics_.size()) {}

  // A pair of blocks, a value per metric; scenarios are pooled, as each pair's sign is a coin flip of its own.
  void add(std::span<const std::optional<double>> base, std::span<const std::optional<double>> copy);

  // By reports::control_p(); `seed`: of its patterns of signs.
  [[nodiscard]] ControlResult result(std::uint64_t seed) const;

 private:
  Metrics metrics_;
  std::vector<std::vector<double>> losses_;  // log-ratios, above 0 the copy is worse; NaN: not measured
};

}  // namespace crosstalk::harness::gate
