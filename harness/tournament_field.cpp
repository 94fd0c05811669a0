#include "harness/tournament_field.h"

#include <algorithm>

#include "harness/summary.h"
#include "reports/paired.h"
#include "reports/slices.h"

namespace crosstalk::harness {

namespace {

using reports::Status;

std::optional<double> value_of(const FieldTrial& trial, Figure figure, bool by_slices) {
  if (figure == Figure::response_p99) return trial.response_p99_ns;
  if (figure == Figure::cpu_per_op) return trial.cpu_per_op_ns;
  return by_slices ? trial.typical_ops_s : trial.mean_ops_s;
}

bool disqualifies(const FieldTrial& trial) {
  return !trial.verified.value_or(true) || trial.status == Status::failed;
}

bool is_measured_soundly(const FieldTrial& trial) {
  return trial.status == Status::ok || trial.status == Status::saturated;
}

bool is_near_floor(const FieldLine& line) {
  std::vector<double> shares;
  for (const FieldTrial& trial : line.trials) {
    if (trial.floor_share) shares.push_back(*trial.floor_share);
  }
  return reports::median(shares) > kFloorLimit;
}

}  // namespace

std::string_view to_string(Figure figure) noexcept {
  constexpr std::string_view kNames[] = {"throughput", "response_p99", "cpu_per_op"};
  return kNames[static_cast<std::size_t>(figure)];
}

bool FieldTrial::sound() const noexcept {
  return is_measured_soundly(*this) && verified.value_or(false);
}

std::optional<double> FieldLine::typical(Figure figure, bool by_slices) const {
  std::vector<double> values;
  for (const FieldTrial& trial : trials) {
    const auto value = value_of(trial, figure, by_slices);
    if (trial.sound() && value) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  return reports::median(values);
}

std::size_t FieldLine::sound_trials() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(trials.begin(), trials.end(), [](const FieldTrial& trial) { return trial.sound(); }));
}

void LoadField::add(const reports::RecordedTrial& measured, bool drivers_spin) {
  const std::string& strategy = measured.identity.strategy;
  auto line = std::find_if(lines_.begin(), lines_.end(),
                           [&](const FieldLine& each) { return each.strategy == strategy; });
  if (line == lines_.end()) {
    lines_.push_back({.strategy = strategy, .floor = measured.identity.role == "floor", .trials = {}});
    line = lines_.end() - 1;
  }
  const reports::RecordedOp& all = measured.all();
  const reports::TypicalRate typical = reports::typical_rate(measured);
  FieldTrial trial;
  trial.block = measured.identity.block;
  trial.status = measured.status;
  trial.reason = measured.status_reason;
  trial.verified = measured.verified;
  trial.mean_ops_s = all.achieved_ops_s;
  trial.typical_ops_s = typical.ops_s;
  trial.slice_ns = typical.slice_ns;
  if (all.response.p99_ns) trial.response_p99_ns = static_cast<double>(*all.response.p99_ns);
  const double cpu_s = measured.cpu_user_s + measured.cpu_system_s;
  if (all.count > 0 && cpu_s > 0 && (closed_ || !drivers_spin))
    trial.cpu_per_op_ns = cpu_s * 1e9 / static_cast<double>(all.count);
  trial.floor_share = measured.floor_share;
  line->trials.push_back(std::move(trial));
}

Figure LoadField::leading_figure() const noexcept {
  return closed_ ? Figure::throughput : Figure::response_p99;
}

bool LoadField::by_slices() const noexcept {
  return std::all_of(lines_.begin(), lines_.end(), [](const FieldLine& line) {
    return std::all_of(line.trials.begin(), line.trials.end(),
                       [](const FieldTrial& trial) { return !trial.sound() || trial.slice_ns > 0; });
  });
}

std::string LoadField::why_out(const FieldLine& line) const {
  for (const FieldTrial& trial : line.trials) {
    if (!trial.verified.value_or(true)) return "NOT VERIFIED: " + trial.reason;
  }
  for (const FieldTrial& trial : line.trials) {
    if (disqualifies(trial)) return "failed: " + trial.reason;
  }
  if (line.sound_trials() == 0) {
    if (std::any_of(line.trials.begin(), line.trials.end(), is_measured_soundly))
      return "no law was checked (--checks off, --no-check)";
    return line.trials.empty() ? "not measured"
                               : std::string(reports::to_string(line.trials.front().status)) + ": " +
                                     line.trials.front().reason;
  }
  const auto near = std::count_if(lines_.begin(), lines_.end(),
                                  [](const FieldLine& each) { return !each.floor && is_near_floor(each); });
  if (near > 1 && is_near_floor(line)) return "as others, it is mostly the harness's own cost";
  return "";
}

std::vector<std::size_t> LoadField::compared() const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!lines_[i].floor && why_out(lines_[i]).empty()) result.push_back(i);
  }
  return result;
}

reports::Contender LoadField::contender(const FieldLine& line, Figure figure) const {
  reports::Contender result{.name = line.strategy, .values = {}};
  const bool slices = by_slices();
  for (const FieldTrial& trial : line.trials) {
    const auto value = value_of(trial, figure, slices);
    if (trial.sound() && value.value_or(0) > 0) result.values[trial.block] = *value;
  }
  return result;
}

std::vector<JudgedFigure> LoadField::judge(Look look) const {
  std::vector<JudgedFigure> judged;
  const std::vector<std::size_t> all = compared();
  if (all.size() < 2) return judged;
  std::vector<Figure> figures{leading_figure()};
  for (const Figure figure : {Figure::response_p99, Figure::cpu_per_op}) {
    if (figure != figures.front()) figures.push_back(figure);
  }
  std::optional<std::size_t> leader;  // its line
  for (const Figure figure : figures) {
    JudgedFigure each{.figure = figure, .lines = {}, .contenders = {}, .tournament = {}};
    std::vector<reports::Contender>& field = each.contenders;
    for (const std::size_t i : all) {
      reports::Contender one = contender(lines_[i], figure);
      if (one.values.empty()) continue;
      field.push_back(std::move(one));
      each.lines.push_back(i);
    }
    const auto place = leader ? std::find(each.lines.begin(), each.lines.end(), *leader) : each.lines.end();
    if (field.size() < 2 || (leader && place == each.lines.end())) continue;
    reports::Rules rules{.share = look.share};
    rules.better = figure == Figure::throughput ? reports::Better::larger : reports::Better::smaller;
    each.tournament =
        leader ? reports::judge_against(static_cast<std::size_t>(place - each.lines.begin()), field, rules)
               : reports::judge(field, rules);
    if (!leader) leader = each.lines[each.tournament.ranking.front()];
    judged.push_back(std::move(each));
  }
  return judged;
}

LoadField& field_of(std::vector<LoadField>& fields, const reports::RecordedTrial& trial) {
  const LoadName load = load_name_of(trial);
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const LoadField& field) { return field.key() == load.key; });
  if (found != fields.end()) return *found;
  fields.emplace_back(load.key, load.text, trial.identity.run_id, trial.identity.load_model == "closed");
  return fields.back();
}

std::optional<double> slowest_closed_ops_s(const std::vector<LoadField>& fields) {
  std::optional<double> slowest;
  for (const LoadField& field : fields) {
    if (!field.closed()) continue;
    for (const FieldLine& line : field.lines()) {
      if (line.floor || !field.why_out(line).empty()) continue;
      const auto mean = line.typical(Figure::throughput, false);
      if (mean && (!slowest || *mean < *slowest)) slowest = mean;
    }
  }
  return slowest;
}

}  // namespace crosstalk::harness
