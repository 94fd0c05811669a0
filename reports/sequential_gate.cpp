#include "reports/sequential_gate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "reports/detectable.h"
#include "reports/gate_contest.h"
#include "reports/gate_power.h"

namespace crosstalk::reports {

namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBeyondHope = 100'000;  // pairs that nobody would wait for

void require(bool holds, const std::string& sentence) {
  if (!holds) throw std::invalid_argument(sentence);
}

bool is_share(double value) {
  return value > 0 && value < 1;
}

void require_sense(const std::vector<GateScenario>& scenarios, const std::vector<GateMetric>& metrics,
                   const GateRules& rules) {
  require(!scenarios.empty(), "there is no scenario to judge");
  require(!metrics.empty(), "there is no metric to judge by");
  require(is_share(rules.level) && is_share(rules.acceptance) && is_share(rules.confirmation),
          "the levels must lie between 0 and 1");
  double before = 0;
  for (const double look : rules.looks) {
    require(look > before, "the looks must be rising shares above 0");
    before = look;
  }
  require(before == 1, "the last look must be at 1");
  for (const GateMetric& metric : metrics) {
    require(metric.margin >= 0 && metric.margin < metric.budget && std::isfinite(metric.budget),
            metric.name + ": the margin must be at least 0 and below the budget");
  }
}

std::optional<double> measured(std::optional<double> value) {
  return value && *value > 0 && std::isfinite(*value) ? value : std::nullopt;
}

double mean_of(const std::vector<const GateContest*>& contests, bool fresh, std::size_t metric,
               std::size_t round) {
  double sum = 0;
  std::size_t count = 0;
  for (const GateContest* contest : contests) {
    const double loss = contest->losses(fresh)[metric][round];
    if (std::isnan(loss)) continue;
    sum += loss;
    ++count;
  }
  return count == 0 ? kNotMeasured : sum / static_cast<double>(count);
}

}  // namespace

class SequentialGate::State {
 public:
  State(std::vector<GateScenario> scenarios, std::vector<GateMetric> metrics, GateRules rules)
      : scenarios_(std::move(scenarios)), metrics_(std::move(metrics)), rules_(std::move(rules)) {
    require_sense(scenarios_, metrics_, rules_);
    withdrawn_.resize(scenarios_.size());
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const GateScenario& scenario : scenarios_) {
      fewest = std::min(fewest, scenario.pairs_max);
      add_contest(scenario.name, scenario.pairs_max);
    }
    if (has_mean()) add_contest(std::string(kGeometricMean), fewest);
  }

  [[nodiscard]] std::vector<PairOrder> orders() const {
    std::vector<PairOrder> result;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      if (withdrawn_[i]) continue;
      const GateContest& contest = contests_[i];
      const std::size_t next = contest.next_look();
      if (next > contest.pairs(false)) result.push_back({i, GatePhase::search, next - contest.pairs(false)});
      const std::size_t fresh =
          std::max(contest.fresh_wanted(), has_mean() ? contests_.back().fresh_wanted() : 0);
      if (fresh > contest.pairs(true)) result.push_back({i, GatePhase::confirm, fresh - contest.pairs(true)});
    }
    return result;
  }

  bool add(std::size_t scenario, GatePhase phase, std::span<const std::optional<double>> base,
           std::span<const std::optional<double>> head) {
    if (scenario >= scenarios_.size()) throw std::logic_error("there is no such scenario");
    if (base.size() != metrics_.size() || head.size() != metrics_.size())
      throw std::logic_error("a pair has a value per metric and side");
    if (!is_ordered(scenario, phase)) return false;
    std::vector<double> losses;
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
      const auto old_value = measured(base[metric]);
      const auto new_value = measured(head[metric]);
      if (old_value) contests_[scenario].note_measured(metric, 0);
      if (new_value) contests_[scenario].note_measured(metric, 1);
      const double sign = metrics_[metric].better == Better::larger ? -1 : 1;
      losses.push_back(old_value && new_value ? sign * std::log(*new_value / *old_value) : kNotMeasured);
    }
    const bool fresh = phase == GatePhase::confirm;
    contests_[scenario].add(fresh, losses);
    fresh ? confirm(scenario) : look(scenario);
    return true;
  }

  void withdraw(std::size_t scenario, Verdict verdict, const std::string& reason) {
    withdrawn_.at(scenario) = true;
    contests_[scenario].settle(verdict, reason);
    if (!has_mean()) return;
    if (live().size() < 2) {
      contests_.back().settle(Verdict::undecided, "fewer than two scenarios are left");
    } else {
      look_at_mean();
      confirm_mean();
    }
  }

  void end() {
    if (std::exchange(ended_, true)) {
      for (GateContest& contest : contests_) {
        contest.settle(Verdict::undecided, "red once, and the time ended before fresh pairs were there");
      }
      return;
    }
    // Of how many rounds there are the data had a say where a scenario was decided before: then no look at the mean.
    const std::vector<const GateContest*> scenarios = live();
    if (has_mean() && std::all_of(scenarios.begin(), scenarios.end(),
                                  [](const GateContest* contest) { return contest->is_searching(); })) {
      contests_.back().replace(false, mean_losses(false, rounds(false)));
      contests_.back().look_for_the_last_time();
    }
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      if (!withdrawn_[i]) contests_[i].look_for_the_last_time();
    }
    decide("the time ended");
    if (has_mean()) contests_.back().settle_open("the time ended");
  }

  [[nodiscard]] std::vector<GateRow> rows() const {
    const std::vector<std::vector<double>> p = adjusted(&MetricCourse::worse, false);
    std::vector<GateRow> result;
    for (std::size_t i = 0; i < contests_.size(); ++i) {
      for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
        const MetricCourse& course = contests_[i].courses()[metric];
        if (course.state == MetricState::absent) continue;
        GateRow row = row_of(contests_[i], metric);
        row.scenario = i < scenarios_.size() ? scenarios_[i].name : std::string(kGeometricMean);
        if (i == scenarios_.size() && course.state == MetricState::open && !is_searching())
          row.reason = "the scenarios were decided before";
        row.p = course.worse.found ? std::min(p[i][metric], rules_.level) : p[i][metric];
        result.push_back(std::move(row));
      }
    }
    return result;
  }

  [[nodiscard]] std::vector<std::size_t> look_pairs(std::size_t scenario) const {
    std::vector<std::size_t> pairs;
    for (const PlannedLook& look : contests_.at(scenario).plan()) pairs.push_back(look.pairs);
    return pairs;
  }

 private:
  [[nodiscard]] bool has_mean() const { return scenarios_.size() > 1; }
  [[nodiscard]] double worst_level() const {
    return rules_.level / static_cast<double>(scenarios_.size() + (has_mean() ? 1 : 0));
  }

  void add_contest(const std::string& name, std::size_t pairs_max) {
    const double level = worst_level();
    std::vector<PlannedLook> plan = plan_looks(pairs_max, rules_.looks, level, metrics_.size());
    require(!plan.empty(), name + ": " + std::to_string(pairs_max) +
                               " pairs could show no regression; among " + std::to_string(scenarios_.size()) +
                               " scenarios and " + std::to_string(metrics_.size()) + " metrics it takes " +
                               std::to_string(fewest_flipped_pairs(level, metrics_.size())));
    const std::uint64_t seed = rules_.seed + 0x9E3779B97F4A7C15ULL * (contests_.size() + 1);
    contests_.emplace_back(metrics_, std::move(plan),
                           ContestRules{.level = level,
                                        .acceptance = rules_.acceptance,
                                        .confirmation = rules_.confirmation,
                                        .seed = seed});
  }

  [[nodiscard]] bool is_ordered(std::size_t scenario, GatePhase phase) const {
    const std::vector<PairOrder> all = orders();
    return std::any_of(all.begin(), all.end(), [&](const PairOrder& order) {
      return order.scenario == scenario && order.phase == phase;
    });
  }

  [[nodiscard]] std::vector<const GateContest*> live() const {
    std::vector<const GateContest*> result;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      if (!withdrawn_[i]) result.push_back(&contests_[i]);
    }
    return result;
  }

  [[nodiscard]] bool is_searching() const {
    const std::vector<const GateContest*> scenarios = live();
    return std::any_of(scenarios.begin(), scenarios.end(),
                       [](const GateContest* contest) { return contest->is_searching(); });
  }

  // Rounds that all scenarios have.
  [[nodiscard]] std::size_t rounds(bool fresh) const {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const GateContest* contest : live()) fewest = std::min(fewest, contest->pairs(fresh));
    return fewest;
  }

  [[nodiscard]] LossColumns mean_losses(bool fresh, std::size_t count) const {
    const std::vector<const GateContest*> contests = live();
    LossColumns columns(metrics_.size());
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
      for (std::size_t round = 0; round < count; ++round)
        columns[metric].push_back(mean_of(contests, fresh, metric, round));
    }
    return columns;
  }

  void look(std::size_t scenario) {
    GateContest& contest = contests_[scenario];
    if (contest.pairs(false) == contest.next_look()) {
      contest.look();
      decide("the pairs ended");
    }
    if (has_mean()) look_at_mean();
  }

  void look_at_mean() {
    GateContest& mean = contests_.back();
    while (mean.next_look() > 0 && rounds(false) >= mean.next_look()) {
      mean.replace(false, mean_losses(false, mean.next_look()));
      mean.look();
      decide("the pairs ended");
    }
  }

  void confirm(std::size_t scenario) {
    contests_[scenario].confirm();
    if (has_mean()) confirm_mean();
  }

  void confirm_mean() {
    contests_.back().replace(true, mean_losses(true, rounds(true)));
    contests_.back().confirm();
  }

  // By family and metric, over the families (Holm); what is found already makes room for the others.
  [[nodiscard]] std::vector<std::vector<double>> adjusted(Finding MetricCourse::*side, bool make_room) const {
    std::vector<std::vector<double>> p;
    for (const GateContest& contest : contests_) {
      p.emplace_back();
      for (const MetricCourse& course : contest.courses()) {
        const Finding& finding = course.*side;
        p.back().push_back(finding.found && make_room ? 0 : std::min(1.0, finding.p));
      }
    }
    return holm_of_families(p);
  }

  // After a look of any contest: one found worse may have made room for another.
  void decide(const std::string& reason) {
    const auto worse = adjusted(&MetricCourse::worse, true);
    const auto better = adjusted(&MetricCourse::better, true);
    for (std::size_t i = 0; i < contests_.size(); ++i) {
      for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
        MetricCourse& course = contests_[i].courses()[metric];
        course.worse.found = course.worse.found || worse[i][metric] <= rules_.level;
        course.better.found = course.better.found || better[i][metric] <= rules_.level;
        if (course.state != MetricState::open) continue;
        if (course.worse.found) {
          course.state = MetricState::red;
          course.red_after = contests_[i].looked_at();
        } else if (course.better.found) {
          course.state = MetricState::settled;
          course.verdict = Verdict::improved;
        }
      }
      contests_[i].accept();
      if (!contests_[i].is_searching()) contests_[i].settle_open(reason);
      // Its fresh pairs may be there, measured for another metric; else nothing happens.
      contests_[i].confirm();
    }
  }

  [[nodiscard]] GateRow row_of(const GateContest& contest, std::size_t metric) const {
    const MetricCourse& course = contest.courses()[metric];
    const LossSummary search = summary_of(contest.losses(false)[metric]);
    const LossSummary fresh = summary_of(contest.losses(true)[metric]);
    GateRow row;
    row.metric = metrics_[metric];
    row.verdict = course.verdict;
    row.reason = course.reason;
    row.pairs = search.pairs;
    row.fresh_pairs = fresh.pairs;
    const bool larger = row.metric.better == Better::larger;
    if (search.loss) row.change = std::expm1(larger ? -*search.loss : *search.loss);
    if (fresh.loss) row.fresh_change = std::expm1(larger ? -*fresh.loss : *fresh.loss);
    if (search.interval) {
      const Span loss = *search.interval;
      row.interval = larger ? Span{std::expm1(-loss.high), std::expm1(-loss.low)}
                            : Span{std::expm1(loss.low), std::expm1(loss.high)};
    }
    if (course.bound) row.loss_bound = std::expm1(*course.bound);
    row.deviation = search.deviation;
    row.robust_deviation = search.robust_deviation;
    row.detectable = detectable_loss(contest, metric);
    row.pairs_to_decide = course.state == MetricState::settled && row.verdict != Verdict::undecided
                              ? std::optional<std::size_t>(0)
                              : more_pairs(search, row.metric);
    return row;
  }

  // As if the metrics had nothing to do with each other and only the last look counted: a little more than is true, which
  // makes up for what the estimate of the noise itself is off.
  [[nodiscard]] std::optional<double> detectable_loss(const GateContest& contest, std::size_t metric) const {
    std::vector<double> losses = contest.losses(false)[metric];
    std::erase_if(losses, [](double each) { return std::isnan(each); });
    double share = contest.plan().front().share;
    for (const PlannedLook& look : contest.plan()) {
      if (look.pairs <= losses.size()) share = look.share;
    }
    const double level = worst_level() * share / static_cast<double>(metrics_.size());
    if (losses.empty()) return std::nullopt;
    const auto gap = reports::detectable(losses, 2 * level, kGatePower);
    return gap ? std::optional(std::expm1(std::log1p(metrics_[metric].margin) + *gap)) : std::nullopt;
  }

  [[nodiscard]] std::optional<std::size_t> more_pairs(const LossSummary& summary,
                                                      const GateMetric& metric) const {
    if (summary.pairs < 2) return std::nullopt;
    const double above_margin = *summary.loss - std::log1p(metric.margin);
    const double below_budget = std::log1p(metric.budget) - *summary.loss;
    std::size_t wanted = kBeyondHope;
    if (above_margin > 0) {
      wanted = pairs_for({.deviation = summary.robust_deviation,
                          .gap = above_margin,
                          .level = worst_level(),
                          .columns = metrics_.size()});
    }
    if (below_budget > 0) {
      wanted = std::min(wanted, pairs_for({.deviation = summary.robust_deviation,
                                           .gap = below_budget,
                                           .level = rules_.acceptance}));
    }
    if (wanted >= kBeyondHope) return std::nullopt;
    return wanted > summary.pairs ? wanted - summary.pairs : 1;
  }

  std::vector<GateScenario> scenarios_;
  std::vector<GateMetric> metrics_;
  GateRules rules_;
  std::vector<GateContest> contests_;  // of the scenarios, then the geometric mean
  std::vector<bool> withdrawn_;
  bool ended_ = false;
};

SequentialGate::SequentialGate(std::vector<GateScenario> scenarios, std::vector<GateMetric> metrics,
                               GateRules rules)
    : state_(std::make_unique<State>(std::move(scenarios), std::move(metrics), std::move(rules))) {}
SequentialGate::~SequentialGate() = default;
SequentialGate::SequentialGate(SequentialGate&&) noexcept = default;
SequentialGate& SequentialGate::operator=(SequentialGate&&) noexcept = default;

std::vector<PairOrder> SequentialGate::orders() const {
  return state_->orders();
}

bool SequentialGate::add(std::size_t scenario, GatePhase phase, std::span<const std::optional<double>> base,
                         std::span<const std::optional<double>> head) {
  return state_->add(scenario, phase, base, head);
}

void SequentialGate::withdraw(std::size_t scenario, Verdict verdict, const std::string& reason) {
  state_->withdraw(scenario, verdict, reason);
}

void SequentialGate::end() {
  state_->end();
}

std::vector<GateRow> SequentialGate::rows() const {
  return state_->rows();
}

std::vector<std::size_t> SequentialGate::look_pairs(std::size_t scenario) const {
  return state_->look_pairs(scenario);
}

}  // namespace crosstalk::reports
