#include "reports/gate_verdict.h"

#include <algorithm>
#include <array>

namespace crosstalk::reports {

std::string_view to_string(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 7> kWords{"unchanged",    "improved",       "undecided", "regressed",
                                                   "contaminated", "not_comparable", "broken"};
  return kWords[static_cast<std::size_t>(verdict)];
}

const std::vector<GateMetric>& default_gate_metrics() {
  static const std::vector<GateMetric> metrics{
      {.name = "throughput", .better = Better::larger, .margin = 0.01, .budget = 0.05},
      {.name = "cpu_per_op", .better = Better::smaller, .margin = 0.01, .budget = 0.05},
      {.name = "response_p50", .better = Better::smaller, .margin = 0.03, .budget = 0.15},
      {.name = "response_p99", .better = Better::smaller, .margin = 0.05, .budget = 0.10},
      {.name = "delivery_last_p99", .better = Better::smaller, .margin = 0.05, .budget = 0.15}};
  return metrics;
}

Verdict gravest(std::span<const GateRow> rows) {
  Verdict worst = Verdict::unchanged;
  for (const GateRow& row : rows) {
    if (row.scenario == kGeometricMean && row.verdict != Verdict::regressed) continue;
    worst = std::max(worst, row.verdict);  // the enumeration is in the order of gravity
  }
  return worst;
}

int exit_code(Verdict gravest, UndecidedPolicy policy) noexcept {
  switch (gravest) {
    case Verdict::unchanged:
    case Verdict::improved:
      return 0;
    case Verdict::undecided:
      return policy == UndecidedPolicy::pass ? 0 : 5;
    case Verdict::regressed:
      return 1;
    case Verdict::contaminated:
      return 4;
    case Verdict::not_comparable:
      return 6;
    case Verdict::broken:
      return 8;
  }
  return 8;
}

}  // namespace crosstalk::reports
