// What a history says as tables for programs: every cell a bare number, a date or a name; losses in per cent, above 0 is worse.
#pragma once

#include <vector>

#include "harness/text_table.h"
#include "reports/history_findings.h"

namespace crosstalk::harness {

// A row per series and change of it; a series without a change has one row, whose cells of a change are empty.
[[nodiscard]] TextTable history_findings_table(const std::vector<reports::SeriesFindings>& findings);

// A row per point of each series.
[[nodiscard]] TextTable history_points_table(const std::vector<reports::SeriesFindings>& findings);

// A log-ratio as a loss in per cent: 0.03 -> 3.045.
[[nodiscard]] double loss_pct(double log_ratio) noexcept;

// 0.03 -> "+3.0"
[[nodiscard]] std::string signed_loss(double log_ratio);

}  // namespace crosstalk::harness
