// What the gate says of one metric of one scenario, and how sure it is.
//
// A loss is a log-ratio of head to base, turned so that above 0 is worse. Margin and budget are shares: 0.05 is 5 % worse,
// a loss of ln 1.05. Up to the margin a loss is layout and noise and never red; beyond the budget nobody wants it.
// What lies between is red where enough pairs show it and "unchanged" where they show first that it is below the budget: to
// hunt small losses, choose a budget as small (2 % for losses of 2 %).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/paired.h"
#include "reports/tournament.h"

namespace crosstalk::reports {

// regressed:      worse than the margin at the level of the whole gate, and again on fresh pairs.
// improved:       better than the margin, likewise, without fresh pairs.
// unchanged:      shown to be less than the budget worse.
// undecided:      neither, when the pairs or the time ended; also what was red once and not on fresh pairs.
// The others are the experiment's, not the statistics': the machine was not quiet, the two programs did not do the same, a
// program crashed or answered wrongly.
enum class Verdict : std::uint8_t {
  unchanged,
  improved,
  undecided,
  regressed,
  contaminated,
  not_comparable,
  broken
};
// "not_comparable" and the like.
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

struct GateMetric {
  std::string name;  // throughput, cpu_per_op, ...
  Better better = Better::smaller;
  double margin = 0.01;  // at least 0
  double budget = 0.05;  // above the margin
};

// throughput and cpu_per_op 1 % and 5 %, response_p50 3 % and 5 %, response_p99 and delivery_last_p99 5 % and 10 %.
[[nodiscard]] const std::vector<GateMetric>& default_gate_metrics();

// The scenario of the rows that judge all scenarios together.
inline constexpr std::string_view kGeometricMean = "geometric mean";

struct GateRow {
  std::string scenario{};
  GateMetric metric{};
  Verdict verdict = Verdict::undecided;
  std::string reason{};                  // of undecided and of the experiment's verdicts, for people
  std::size_t pairs = 0;                 // in which both sides measured the metric
  std::size_t fresh_pairs = 0;           // of the confirmation, likewise
  std::optional<double> change{};        // head / base - 1, Hodges-Lehmann; empty without pairs
  std::optional<Span> interval{};        // of `change`, 95 % by itself; empty for fewer than 6 pairs
  std::optional<double> fresh_change{};  // of the confirmation alone
  std::optional<double> loss_bound{};    // at most so much worse, as a share; confidence 95 % over all looks
  double p = 1;                          // of "regressed", adjusted for metrics, scenarios and looks
  double deviation = 0;                  // of one pair's log-ratio
  double robust_deviation = 0;           // 1.4826 times the median distance from the median
  std::optional<double> detectable{};  // loss, a share, that 90 % of gates with so many pairs call regressed
  std::optional<std::size_t> pairs_to_decide{};  // about so many more; 0 where decided; empty: nobody knows
};

// The worst: broken, not_comparable, contaminated, regressed, undecided, improved, unchanged. Unchanged for no rows. The
// rows of the geometric mean count only where they regressed: they ask for no pairs, and so may stay undecided.
[[nodiscard]] Verdict gravest(std::span<const GateRow> rows);

enum class UndecidedPolicy : std::uint8_t { fail, pass };
// 0, regressed 1, undecided 5 (or 0), contaminated 4, not_comparable 6, broken 8. (A wrong answer is broken as well: whoever
// withdrew the scenario knows that, and exits with 3.)
[[nodiscard]] int exit_code(Verdict gravest, UndecidedPolicy policy) noexcept;

}  // namespace crosstalk::reports
