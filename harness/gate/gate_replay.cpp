#include "harness/gate/gate_replay.h"

#include <algorithm>
#include <cmath>

#include "harness/gate/control.h"
#include "harness/gate/gate_pace.h"
#include "harness/gate/gate_report.h"
#include "harness/shuffle.h"
#include "reports/csv_text.h"
#include "reports/sequential_gate.h"

namespace crosstalk::harness::gate {

namespace {

using reports::Better;
using reports::GateMetric;
using reports::GatePhase;
using reports::GateRow;
using reports::PairOrder;
using reports::Verdict;
using Values = std::vector<std::optional<double>>;

// Shares that are equal but for the last digits.
constexpr double kSame = 1e-9;

bool is_slowed_metric(std::string_view name) {
  return name == "throughput" || name == "cpu_per_op";
}

std::vector<reports::GateScenario> scenarios_of(const ReplayPlan& plan) {
  std::vector<reports::GateScenario> scenarios;
  for (const Contest& contest : plan.contests)
    scenarios.push_back(
        {.name = contest.name, .pairs_max = contest.is_solo() ? plan.pairs : plan.contended_pairs});
  return scenarios;
}

// Where each metric stands in a recorded pair.
std::vector<std::size_t> places_of(const Metrics& metrics) {
  std::vector<std::size_t> places;
  const Metrics& all = reports::default_gate_metrics();
  for (const GateMetric& metric : metrics) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const GateMetric& each) { return each.name == metric.name; });
    places.push_back(static_cast<std::size_t>(found - all.begin()));
  }
  return places;
}

// How much worse head really is.
class Truth {
 public:
  Truth(const ReplayPlan& plan, const ReplayEffect& effect) : plan_(plan), effect_(effect) {}

  [[nodiscard]] bool is_slowed(std::size_t contest) const {
    return std::find(effect_.slowed.begin(), effect_.slowed.end(), contest) != effect_.slowed.end();
  }
  [[nodiscard]] double loss_of(const GateRow& row) const {
    if (!is_slowed_metric(row.metric.name)) return 0;
    const double whole = std::log1p(effect_.share);
    if (row.scenario == reports::kGeometricMean)
      return whole * static_cast<double>(effect_.slowed.size()) / static_cast<double>(plan_.contests.size());
    for (std::size_t i = 0; i < plan_.contests.size(); ++i) {
      if (plan_.contests[i].name == row.scenario) return is_slowed(i) ? whole : 0;
    }
    return 0;
  }
  [[nodiscard]] bool is_worse_than(double share, const GateRow& row) const {
    return loss_of(row) > std::log1p(share) + kSame;
  }
  // Of the change that a row states.
  [[nodiscard]] bool is_within(const GateRow& row) const {
    const double loss = loss_of(row);
    const double change = std::expm1(row.metric.better == Better::larger ? -loss : loss);
    return row.interval->low <= change + kSame && change <= row.interval->high + kSame;
  }

 private:
  const ReplayPlan& plan_;
  const ReplayEffect& effect_;
};

class ReplayedGate {
 public:
  ReplayedGate(const Recording& recording, const ReplayPlan& plan, const ReplayEffect& effect,
               std::uint64_t seed)
      : plan_(plan),
        effect_(effect),
        truth_(plan, effect),
        places_(places_of(plan.metrics)),
        seed_(seed),
        random_(seed, workloads::Purpose::operations),
        draw_(recording, plan.mean_rounds, seed),
        gate_(scenarios_of(plan), plan.metrics, {.seed = seed}),
        control_(plan.metrics),
        deadline_(plan.budget_seconds) {
    end_.seconds = plan.start_seconds;
  }

  ReplayEnd run() {
    bool goes_on = true;
    for (std::vector<PairOrder> orders = round_of(gate_.orders()); goes_on && !orders.empty();
         orders = round_of(gate_.orders())) {
      draw_.begin_round();
      shuffle(orders, random_);
      for (const PairOrder& order : orders) {
        take_time();
        goes_on = !report_.repeats.too_many();
        if (!goes_on) break;
        if (!is_wanted(order)) continue;
        measure_order(order);
        if (end_.pairs % kControlEvery == kControlEvery - 1) measure_control();
      }
    }
    conclude();
    return end_;
  }

 private:
  void take_time() {
    if (end_.seconds < deadline_) return;
    gate_.end();
    deadline_ = end_.seconds + (ended_ ? 0 : kConfirmShare * plan_.budget_seconds);
    ended_ = true;
  }

  [[nodiscard]] bool is_wanted(const PairOrder& order) const {
    const std::vector<PairOrder> wanted = gate_.orders();
    return std::any_of(wanted.begin(), wanted.end(), [&](const PairOrder& each) {
      return each.scenario == order.scenario && each.phase == order.phase;
    });
  }

  reports::RecordedPair measure(std::size_t contest) {
    reports::RecordedPair pair = draw_.next(contest);
    end_.seconds += pair.seconds;
    ++end_.pairs;
    report_.repeats.note(pair.disturbed);
    return pair;
  }

  void measure_order(const PairOrder& order) {
    const reports::RecordedPair pair = measure(order.scenario);
    if (pair.disturbed) return;
    if (!pair.sound) {
      gate_.withdraw(order.scenario, Verdict::undecided, "a block is not ok");
      return;
    }
    Values head = chosen(pair.head);
    if (truth_.is_slowed(order.scenario)) slow_down(head);
    const std::size_t waiting = confirmations();
    gate_.add(order.scenario, order.phase, chosen(pair.base), head);
    // Only the end of a confirmation makes a row regressed. (Rows cost a sort each.)
    if (order.phase == GatePhase::confirm && confirmations() < waiting && !end_.caught_seconds)
      look_for_catch();
  }

  void measure_control() {
    const reports::RecordedPair pair = measure(control_turn_++ % plan_.contests.size());
    if (!pair.disturbed) control_.add(chosen(pair.base), chosen(pair.head));
  }

  [[nodiscard]] Values chosen(const Values& all) const {
    Values values;
    for (const std::size_t place : places_) values.push_back(all.at(place));
    return values;
  }

  void slow_down(Values& head) const {
    for (std::size_t i = 0; i < head.size(); ++i) {
      if (!head[i] || !is_slowed_metric(plan_.metrics[i].name)) continue;
      *head[i] *= std::pow(1 + effect_.share, plan_.metrics[i].better == Better::larger ? -1 : 1);
    }
  }

  void look_for_catch() {
    for (const GateRow& row : gate_.rows()) {
      if (row.verdict != Verdict::regressed || !truth_.is_worse_than(row.metric.margin, row)) continue;
      end_.caught_seconds = end_.seconds;
      end_.first_look = row.fresh_pairs <= gate_.look_pairs(0).front();
      return;
    }
  }

  [[nodiscard]] std::size_t confirmations() const {
    const std::vector<PairOrder> orders = gate_.orders();
    return static_cast<std::size_t>(std::count_if(orders.begin(), orders.end(), [](const PairOrder& order) {
      return order.phase == GatePhase::confirm;
    }));
  }

  void conclude() {
    for (const Contest& contest : plan_.contests) report_.contests.push_back({.contest = contest});
    report_.rows = gate_.rows();
    report_.control = control_.result(seed_);
    apply_control(report_);
    end_.exit_code = exit_code_of(report_);
    if (end_.exit_code != 1) end_.caught_seconds.reset();
    end_.first_look = end_.first_look && end_.caught_seconds;
    for (const GateRow& row : report_.rows) judge(row);
  }

  void judge(const GateRow& row) {
    if (row.verdict == Verdict::regressed && !truth_.is_worse_than(row.metric.margin, row))
      ++end_.wrongly_red;
    if (row.verdict == Verdict::unchanged && truth_.is_worse_than(row.metric.budget, row))
      ++end_.wrongly_unchanged;
    if (row.scenario == reports::kGeometricMean || !row.interval) return;
    ++end_.intervals;
    end_.covered += truth_.is_within(row) ? 1 : 0;
  }

  const ReplayPlan& plan_;
  const ReplayEffect& effect_;
  Truth truth_;
  std::vector<std::size_t> places_;
  std::uint64_t seed_;
  workloads::RandomStream random_;
  RecordingDraw draw_;
  reports::SequentialGate gate_;
  Control control_;
  double deadline_;
  bool ended_ = false;
  std::size_t control_turn_ = 0;
  GateReport report_;
  ReplayEnd end_;
};

}  // namespace

ReplayEnd replay_gate(const Recording& recording, const ReplayPlan& plan, const ReplayEffect& effect,
                      std::uint64_t seed) {
  return ReplayedGate(recording, plan, effect, seed).run();
}

std::string replay_header() {
  return "plan,slowed,effect,trial,exit_code,seconds,caught_seconds,first_look,pairs,wrongly_red,wrongly_unchanged,"
         "intervals,covered\n";
}

std::string replay_line(const std::string& plan, const std::string& slowed, double effect, std::size_t trial,
                        const ReplayEnd& end) {
  reports::CsvText line;
  line.cell(plan).cell(slowed).cell(effect).cell(trial).cell(end.exit_code).cell(end.seconds);
  line.cell(end.caught_seconds).cell(end.first_look).cell(end.pairs).cell(end.wrongly_red);
  line.cell(end.wrongly_unchanged).cell(end.intervals).cell(end.covered);
  line.end_row();
  return line.text();
}

}  // namespace crosstalk::harness::gate
