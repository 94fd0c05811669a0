// How long messages are.
#pragma once

#include <algorithm>
#include <cstdint>

#include "workloads/portable_math.h"
#include "workloads/random.h"
#include "workloads/scenario.h"

namespace crosstalk::workloads {

// Lengths by the law of a scenario, which must outlive it.
class Lengths {
 public:
  Lengths(const Scenario& scenario, std::uint64_t seed) noexcept
      : scenario_(scenario), random_(seed, Purpose::lengths) {}

  // In bytes, 1 to the scenario's cap.
  std::uint32_t draw() noexcept {
    double bytes = scenario_.length_a;
    if (scenario_.length_law == LengthLaw::weibull) {
      bytes =
          scenario_.length_b * bounded_exp(portable_log(random_.exponential() + 1e-300) / scenario_.length_a);
    } else if (scenario_.length_law == LengthLaw::lognormal) {
      bytes = bounded_exp(scenario_.length_a + scenario_.length_b * random_.normal());
    }
    return static_cast<std::uint32_t>(std::clamp(bytes, 1.0, static_cast<double>(scenario_.length_cap)));
  }

 private:
  // Extreme parameters would leave the range of portable_exp.
  static double bounded_exp(double x) noexcept { return portable_exp(std::clamp(x, -690.0, 690.0)); }

  const Scenario& scenario_;
  RandomStream random_;
};

}  // namespace crosstalk::workloads
