// A condition that a trial must meet: `post.response.p99<5ms`, `reach>=0.9999`, `achieved_ops_s>100k`.
//
//   [OP.]METRIC OP VALUE   OP of the condition: < <= > >=
//
// OP is a kind of operation or `all` (the default). METRIC is a numeric column of runs.csv or a short form (metrics.h). A
// VALUE may carry ns, us, ms, s (times), k, M, G (counts, rates, bytes) or % (shares); a time that is not named by its
// column, which says its unit, must carry one.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reports/metrics.h"
#include "reports/run_result.h"

namespace crosstalk::reports {

// One sentence that names the threshold and what is wrong with it.
class ThresholdError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Comparison : std::uint8_t { below, at_most, above, at_least };

struct Threshold {
  std::string text;  // as it was given, without blanks
  std::string op = "all";
  Metric metric;
  Comparison comparison = Comparison::below;
  double bound = 0;  // in the metric's unit
};

// Throws ThresholdError.
[[nodiscard]] Threshold parse_threshold(std::string_view text);

struct ThresholdMark {
  std::string text;             // of the threshold
  std::optional<double> value;  // in the metric's unit; empty: no such row, not measured, or too few samples
  bool held = false;            // never where there is no value: what was not measured is not shown to hold
  std::string shown;            // the value for people, or why there is none
};

// Is the value, in the metric's unit, on the right side of the bound?
[[nodiscard]] bool holds(const Threshold& threshold, double value) noexcept;
[[nodiscard]] ThresholdMark judge(const Threshold& threshold, const RunResult& result);

}  // namespace crosstalk::reports
