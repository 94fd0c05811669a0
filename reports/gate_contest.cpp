#include "reports/gate_contest.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/detectable.h"
#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

std::vector<double> without_gaps(std::span<const double> column) {
  std::vector<double> values;
  for (const double value : column) {
    if (!std::isnan(value)) values.push_back(value);
  }
  return values;
}

std::vector<double> first_of(const std::vector<double>& column, std::size_t count) {
  return {column.begin(), column.begin() + static_cast<std::ptrdiff_t>(std::min(count, column.size()))};
}

std::string pairs_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " pair" : " pairs");
}

}  // namespace

GateContest::GateContest(std::vector<GateMetric> metrics, std::vector<PlannedLook> plan, ContestRules rules)
    : metrics_(std::move(metrics)),
      plan_(std::move(plan)),
      rules_(rules),
      courses_(metrics_.size()),
      search_(metrics_.size()),
      fresh_(metrics_.size()),
      measured_(2 * metrics_.size()) {}

void GateContest::add(bool fresh, std::span<const double> losses) {
  LossColumns& columns = fresh ? fresh_ : search_;
  for (std::size_t metric = 0; metric < columns.size(); ++metric) columns[metric].push_back(losses[metric]);
}

void GateContest::replace(bool fresh, LossColumns losses) {
  (fresh ? fresh_ : search_) = std::move(losses);
}

std::size_t GateContest::pairs(bool fresh) const {
  return losses(fresh).front().size();
}

bool GateContest::is_searching() const {
  return searching_ && std::any_of(courses_.begin(), courses_.end(), [](const MetricCourse& course) {
           return course.state == MetricState::open;
         });
}

std::size_t GateContest::next_look() const {
  return is_searching() && looks_ < plan_.size() ? plan_[looks_].pairs : 0;
}

void GateContest::look() {
  look_with(plan_[looks_].share);
  if (++looks_ == plan_.size()) searching_ = false;
}

void GateContest::look_for_the_last_time() {
  if (is_searching() && pairs(false) > looked_at_) look_with(1 - spent_);
  searching_ = false;
}

void GateContest::look_with(double share) {
  spent_ += share;
  looked_at_ = pairs(false);
  settle_unmeasured();
  const FlipPatterns patterns{.seed = rules_.seed + looked_at_, .count = patterns_for(rules_.level * share)};
  test(&MetricCourse::worse, 1, share, patterns);
  test(&MetricCourse::better, -1, share, patterns);
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    const auto span =
        hodges_lehmann_interval(without_gaps(search_[metric]), 1 - 2 * rules_.acceptance * share);
    courses_[metric].bound = span ? std::optional(span->high) : std::nullopt;
  }
}

void GateContest::test(Finding MetricCourse::*side, double sign, double share, FlipPatterns patterns) {
  // Metrics that were found unchanged stay among those judged: to leave them out now would be to have chosen the worst.
  std::vector<std::size_t> chosen;
  LossColumns columns;
  std::vector<double> margins;
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    if ((courses_[metric].*side).found) continue;
    chosen.push_back(metric);
    margins.push_back(std::log1p(metrics_[metric].margin));
    columns.push_back(search_[metric]);
    for (double& each : columns.back()) each *= sign;
  }
  const std::size_t fewest = fewest_flipped_pairs(rules_.level * share, metrics_.size());
  const std::vector<double> p = max_t_p(columns, margins, patterns, fewest);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    double& smallest = (courses_[chosen[i]].*side).p;
    smallest = std::min(smallest, p[i] / share);
  }
}

void GateContest::settle_unmeasured() {
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    MetricCourse& course = courses_[metric];
    if (course.state != MetricState::open || !without_gaps(search_[metric]).empty()) continue;
    const bool base = measured_[2 * metric];
    const bool head = measured_[2 * metric + 1];
    course.state = base || head ? MetricState::settled : MetricState::absent;
    if (base != head) {
      course.verdict = Verdict::not_comparable;
      course.reason = std::string("only ") + (base ? "base" : "head") + " measures it";
    } else if (base) {
      course.reason = "no pair measures it on both sides";
    }
  }
}

void GateContest::accept() {
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    MetricCourse& course = courses_[metric];
    if (course.state != MetricState::open || !course.bound) continue;
    if (*course.bound >= std::log1p(metrics_[metric].budget)) continue;
    course.state = MetricState::settled;
    course.verdict = Verdict::unchanged;
  }
}

std::size_t GateContest::fresh_wanted() const {
  std::size_t wanted = 0;
  for (const MetricCourse& course : courses_) {
    if (course.state == MetricState::red) wanted = std::max(wanted, course.red_after);
  }
  return wanted;
}

void GateContest::confirm() {
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    MetricCourse& course = courses_[metric];
    if (course.state != MetricState::red || pairs(true) < course.red_after) continue;
    const std::vector<double> margin{std::log1p(metrics_[metric].margin)};
    const LossColumns column{first_of(fresh_[metric], course.red_after)};
    const FlipPatterns patterns{.seed = rules_.seed, .count = patterns_for(rules_.confirmation)};
    course.state = MetricState::settled;
    if (max_t_p(column, margin, patterns).front() <= rules_.confirmation) {
      course.verdict = Verdict::regressed;
    } else {
      course.reason = "red on the first " + pairs_text(course.red_after) + ", and not on as many fresh ones";
    }
  }
}

void GateContest::settle_open(const std::string& reason) {
  for (MetricCourse& course : courses_) {
    if (course.state != MetricState::open) continue;
    course.state = MetricState::settled;
    course.reason = reason;
  }
}

void GateContest::settle(Verdict verdict, const std::string& reason) {
  for (MetricCourse& course : courses_) {
    if (course.state != MetricState::open && course.state != MetricState::red) continue;
    course.state = MetricState::settled;
    course.verdict = verdict;
    course.reason = reason;
  }
}

LossSummary summary_of(std::span<const double> column) {
  const std::vector<double> values = without_gaps(column);
  LossSummary summary;
  summary.pairs = values.size();
  if (values.empty()) return summary;
  summary.loss = hodges_lehmann(values);
  summary.interval = hodges_lehmann_interval(values, 0.95);
  summary.deviation = deviation(values);
  summary.robust_deviation = robust_deviation(values);
  return summary;
}

}  // namespace crosstalk::reports
