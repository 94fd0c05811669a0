// Is the new version worse than the old one? A judgement over pairs of runs, one of each in random order.
//
// A pair's difference is ln(new / old), turned so that above 0 is worse. Regressed is what the one-sided signed-rank test
// finds beyond the margin, adjusted over all series (Holm) at 1 % for the whole gate; improved is its mirror. Held is
// shown, not assumed: the upper end of the 95 % interval lies within the margin. Anything else is undecided. The number
// of pairs is fixed beforehand, so there is one look.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/paired.h"
#include "reports/tournament.h"

namespace crosstalk::reports {

inline constexpr double kGateLevel = 0.01;

struct GateSeries {
  std::string scenario, strategy, metric;
  Better better = Better::larger;
  double margin = 0.05;               // a factor of 1.05
  std::vector<double> base_values{};  // one per pair, all above 0
  std::vector<double> head_values{};
};

enum class GateOutcome : std::uint8_t { held, improved, regressed, undecided, too_few };
[[nodiscard]] std::string_view to_string(GateOutcome outcome) noexcept;

struct GateVerdict {
  GateOutcome outcome = GateOutcome::too_few;
  std::size_t pairs = 0;
  double ratio = 1;                  // head / base, Hodges-Lehmann
  std::optional<Span> interval;      // of the ratio, 95 %
  double p_holm = 1;                 // of "regressed"
  double deviation = 0;              // of the log-ratios
  std::optional<double> detectable;  // change, as a factor less 1, that 80 % of such gates call a regression
};

// In the order of the series.
[[nodiscard]] std::vector<GateVerdict> judge_gate(std::span<const GateSeries> series);

// Fewer pairs can show no regression among so many series.
[[nodiscard]] std::size_t gate_pairs_needed(std::size_t series);

// 4 where a series has too few pairs, else 1 where one regressed, else 5 where one is undecided, else 0.
[[nodiscard]] int gate_exit_code(std::span<const GateVerdict> verdicts);

}  // namespace crosstalk::reports
