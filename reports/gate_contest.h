// The pairs of one scenario in a sequential gate (sequential_gate.h, which is the one to use) and what each metric has come
// to; the geometric mean of all scenarios is one too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/gate_verdict.h"
#include "reports/look_plan.h"
#include "reports/sign_flip.h"

namespace crosstalk::reports {

// open:    the search goes on.
// red:     waits for fresh pairs.
// settled: nothing more is asked for it.
// absent:  neither side measures this metric: it has no row.
enum class MetricState : std::uint8_t { open, red, settled, absent };

// The p-value is adjusted for metrics and looks: the smallest of p / share over the looks (union bound).
struct Finding {
  double p = 1;
  bool found = false;  // at the level of the gate, whatever becomes of it
};

struct MetricCourse {
  MetricState state = MetricState::open;
  Verdict verdict = Verdict::undecided;
  std::string reason{};
  Finding worse{}, better{};      // than the margin
  std::size_t red_after = 0;      // pairs
  std::optional<double> bound{};  // of the loss, a log-ratio, at the last look
};

// What of the gate's rules a contest needs.
struct ContestRules {
  double level = 0.01 / 7;  // of the worst placed family
  double acceptance = 0.05;
  double confirmation = 0.05;
  std::uint64_t seed = 1;
};

class GateContest {
 public:
  GateContest(std::vector<GateMetric> metrics, std::vector<PlannedLook> plan, ContestRules rules);

  void add(bool fresh, std::span<const double> losses);
  // For a contest whose pairs are made of others': all of them so far.
  void replace(bool fresh, LossColumns losses);
  [[nodiscard]] std::size_t pairs(bool fresh) const;
  [[nodiscard]] const LossColumns& losses(bool fresh) const { return fresh ? fresh_ : search_; }
  // Notes that one side measured a metric, whether or not the other did.
  void note_measured(std::size_t metric, std::size_t side) { measured_.at(metric * 2 + side) = true; }

  // Pairs at the look that comes next; 0 where none is left.
  [[nodiscard]] std::size_t next_look() const;
  [[nodiscard]] bool is_searching() const;
  [[nodiscard]] const std::vector<PlannedLook>& plan() const noexcept { return plan_; }
  // Takes p-values and bounds of the pairs that are there; the planned look, or the last one, which spends the rest.
  void look();
  void look_for_the_last_time();
  // Pairs at the last look.
  [[nodiscard]] std::size_t looked_at() const noexcept { return looked_at_; }

  // Which metrics are open and below their budgets: they are found unchanged, once those found worse are known.
  void accept();
  // Pairs of the confirmation that are wanted in all; 0 where nothing is red.
  [[nodiscard]] std::size_t fresh_wanted() const;
  // Judges every red metric whose fresh pairs are there.
  void confirm();
  // What is still open stays undecided.
  void settle_open(const std::string& reason);
  // All that is not settled, red or not: this verdict, for this reason.
  void settle(Verdict verdict, const std::string& reason);

  [[nodiscard]] std::vector<MetricCourse>& courses() noexcept { return courses_; }
  [[nodiscard]] const std::vector<MetricCourse>& courses() const noexcept { return courses_; }
  [[nodiscard]] const std::vector<GateMetric>& metrics() const noexcept { return metrics_; }

 private:
  void look_with(double share);
  void test(Finding MetricCourse::*side, double sign, double share, FlipPatterns patterns);
  void settle_unmeasured();

  std::vector<GateMetric> metrics_;
  std::vector<PlannedLook> plan_;
  ContestRules rules_;
  std::vector<MetricCourse> courses_;
  LossColumns search_, fresh_;
  std::vector<bool> measured_;  // by metric and side: base, head
  std::size_t looks_ = 0;
  std::size_t looked_at_ = 0;  // pairs
  double spent_ = 0;
  bool searching_ = true;
};

// What can be said of losses without a verdict: estimate, interval, deviations.
struct LossSummary {
  std::size_t pairs = 0;
  std::optional<double> loss{};  // Hodges-Lehmann
  std::optional<Span> interval{};
  double deviation = 0, robust_deviation = 0;
};
// `column` may hold NaN, which is left out.
[[nodiscard]] LossSummary summary_of(std::span<const double> column);

}  // namespace crosstalk::reports
