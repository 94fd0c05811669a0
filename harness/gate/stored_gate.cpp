#include "harness/gate/stored_gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "harness/gate/count_words.h"
#include "harness/gate/gate_stop.h"
#include "harness/recorded_folder.h"
#include "reports/csv_reader.h"
#include "reports/detectable.h"
#include "reports/gate_power.h"
#include "reports/sign_flip.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GateRow;
using reports::RunRow;
using reports::Verdict;

constexpr double kLevel = 0.01;       // of all "regressed" together
constexpr double kAcceptance = 0.05;  // of each "unchanged"
// The same as where folders are merged.
constexpr std::array kMachineFacts{"cpu_model", "cpus_online", "architecture", "kernel"};

// One strategy under one load, with its sound repetitions in order.
struct StoredCell {
  std::string name;
  Contest contest;
  std::vector<RunRow> rows;
};
using StoredCells = std::map<std::string, StoredCell>;  // by name

StoredCells cells_of(const RecordedFolder& folder) {
  std::map<std::pair<std::string, std::uint64_t>, RunRow> rows;
  for (RunRow& row : reports::read_runs(folder.path() / "runs.csv")) {
    if (row.op == "all") rows.emplace(std::pair(row.run_id, row.trial), std::move(row));
  }
  StoredCells cells;
  for (const LoadRecord& load : folder.loads()) {
    for (const StrategyRecord& record : load.strategies) {
      if (record.floor) continue;
      const reports::TrialIdentity& id = record.trials.front()->identity;
      StoredCell cell{.name = id.scenario + " " + id.strategy + ", " + load.name.text,
                      .contest = {.name = "",
                                  .scenario = id.scenario,
                                  .strategy = id.strategy,
                                  .threads = static_cast<unsigned>(id.threads),
                                  .path = id.path},
                      .rows = {}};
      cell.contest.name = cell.name;
      for (const reports::RecordedTrial* trial : record.trials) {
        const auto found = rows.find({trial->identity.run_id, trial->identity.trial});
        if (trial->sound() && found != rows.end()) cell.rows.push_back(found->second);
      }
      // Not by the key of the load, which has the trace in it: other traces are to be told as such.
      const std::string name = cell.name;
      if (!cells.emplace(name, std::move(cell)).second)
        throw GateStop(6, folder.path().string() + ": has several traces of " + name);
    }
  }
  return cells;
}

void require_same_machine(const RecordedFolder& baseline, const RecordedFolder& candidate) {
  for (const char* fact : kMachineFacts) {
    const std::string one = baseline.fact(fact);
    const std::string other = candidate.fact(fact);
    if (one != other) {
      throw GateStop(6, "the folders are of different machines: " + std::string(fact) + " is " +
                            (one.empty() ? "not known" : one) + " in " + baseline.path().string() + ", " +
                            (other.empty() ? "not known" : other) + " in " + candidate.path().string());
    }
  }
}

void require_same_trace(const StoredCell& base, const StoredCell& head) {
  if (base.rows.empty() || head.rows.empty()) return;
  const std::string& one = base.rows.front().trace_hash;
  const std::string& other = head.rows.front().trace_hash;
  if (one != other)
    throw GateStop(6, base.name + ": the folders have different traces, " + one + " and " + other);
}

bool is_measured(const StoredCell& cell, const std::string& metric) {
  return std::any_of(cell.rows.begin(), cell.rows.end(),
                     [&](const RunRow& row) { return value_of(row, metric).has_value(); });
}

// Above 0 is worse.
std::vector<double> losses_of(const StoredCell& base, const StoredCell& head,
                              const reports::GateMetric& metric) {
  std::vector<double> losses;
  for (std::size_t i = 0; i < std::min(base.rows.size(), head.rows.size()); ++i) {
    const auto old_value = value_of(base.rows[i], metric.name);
    const auto new_value = value_of(head.rows[i], metric.name);
    if (!old_value || !new_value) continue;
    const double ratio = std::log(*new_value / *old_value);
    losses.push_back(metric.better == reports::Better::smaller ? ratio : -ratio);
  }
  return losses;
}

std::vector<double> turned(std::vector<double> losses) {
  for (double& loss : losses) loss = -loss;
  return losses;
}

// Estimate and interval; verdict and p follow when all rows are there.
GateRow row_of(const std::string& name, const reports::GateMetric& metric, const std::vector<double>& losses,
               double level) {
  GateRow row{.scenario = name, .metric = metric, .pairs = losses.size()};
  if (losses.empty()) {
    row.reason = "nothing was measured on both sides";
    return row;
  }
  const bool smaller = metric.better == reports::Better::smaller;
  const auto change_of = [&](double loss) { return std::expm1(smaller ? loss : -loss); };
  row.change = change_of(reports::hodges_lehmann(losses));
  if (const auto span = reports::hodges_lehmann_interval(losses, 0.95))
    row.interval = smaller ? reports::Span{change_of(span->low), change_of(span->high)}
                           : reports::Span{change_of(span->high), change_of(span->low)};
  if (const auto span = reports::hodges_lehmann_interval(losses, 1 - 2 * kAcceptance))
    row.loss_bound = std::expm1(span->high);
  row.deviation = reports::deviation(losses);
  row.robust_deviation = reports::robust_deviation(losses);
  if (losses.size() > 2)
    row.detectable =
        std::expm1(std::log1p(metric.margin) + reports::gap_for(losses.size(), row.deviation, level));
  return row;
}

// What is judged, and the two p-values of each.
struct Judged {
  std::vector<GateRow> rows;
  std::vector<double> worse, better;
};

void judge(Judged& judged) {
  const std::vector<double> worse = reports::holm(judged.worse);
  const std::vector<double> better = reports::holm(judged.better);
  for (std::size_t i = 0; i < judged.rows.size(); ++i) {
    GateRow& row = judged.rows[i];
    row.p = worse[i];
    if (row.verdict == Verdict::not_comparable) continue;
    if (worse[i] <= kLevel) {
      row.verdict = Verdict::regressed;
    } else if (better[i] <= kLevel) {
      row.verdict = Verdict::improved;
    } else if (row.loss_bound && *row.loss_bound < row.metric.budget) {
      row.verdict = Verdict::unchanged;
    } else if (row.reason.empty()) {
      row.reason = "the interval reaches beyond the budget of " +
                   std::to_string(std::lround(100 * row.metric.budget)) + " %";
    }
  }
}

void compare_metric(Judged& judged, const StoredCell& base, const StoredCell& head,
                    const reports::GateMetric& metric, double level) {
  const bool of_base = is_measured(base, metric.name);
  const bool of_head = is_measured(head, metric.name);
  if (!of_base && !of_head) return;
  const std::vector<double> losses = losses_of(base, head, metric);
  judged.rows.push_back(row_of(base.name, metric, losses, level));
  if (of_base != of_head) {
    judged.rows.back().verdict = Verdict::not_comparable;
    judged.rows.back().reason =
        std::string("only ") + (of_base ? "the baseline" : "the candidate") + " measures it";
  }
  // So many that the strictest step of Holm's can be passed.
  const reports::FlipPatterns patterns{.count = reports::patterns_for(level)};
  const double margin[] = {std::log1p(metric.margin)};
  judged.worse.push_back(reports::max_t_p({losses}, margin, patterns).front());
  judged.better.push_back(reports::max_t_p({turned(losses)}, margin, patterns).front());
}

// Holm's strictest step: where no row has enough pairs for it, none can be found, whatever it lost.
void warn_of_few_pairs(const Judged& judged, GateReport& report) {
  std::size_t most = 0;
  for (const GateRow& row : judged.rows) most = std::max(most, row.pairs);
  const std::size_t needed = reports::fewest_flipped_pairs(kLevel / static_cast<double>(judged.rows.size()));
  if (most >= needed) return;
  report.warnings.push_back(std::to_string(most) + " repetitions cannot show a regression among " +
                            std::to_string(judged.rows.size()) + " verdicts: it takes " +
                            std::to_string(needed) + ", or fewer strategies and --metrics");
}

void compare_cells(const StoredCells& baseline, const StoredCells& candidate, const Metrics& metrics,
                   GateReport& report) {
  Judged judged;
  const double level =
      kLevel / static_cast<double>(std::max<std::size_t>(1, baseline.size()) * metrics.size());
  for (const auto& [key, base] : baseline) {
    const auto head = candidate.find(key);
    if (head == candidate.end()) {
      report.warnings.push_back(base.name + ": is in the baseline only");
      continue;
    }
    require_same_trace(base, head->second);
    report.contests.push_back({.contest = base.contest,
                               .counts = op_counts(base.rows, head->second.rows),
                               .replayed = replayed_counts(base.rows, head->second.rows)});
    for (const reports::GateMetric& metric : metrics)
      compare_metric(judged, base, head->second, metric, level);
  }
  for (const auto& [key, head] : candidate) {
    if (!baseline.contains(key)) report.warnings.push_back(head.name + ": is in the candidate only");
  }
  if (judged.rows.empty()) throw GateStop(6, "the folders have no load and strategy in common");
  judge(judged);
  warn_of_few_pairs(judged, report);
  report.rows = std::move(judged.rows);
}

}  // namespace

GateReport judge_folders(const GateOptions& options) {
  GateReport report;
  report.base = options.baseline.string();
  report.head = options.candidate.string();
  report.undecided = options.undecided;
  report.warnings.push_back(
      "stored results: the two sides were not measured in pairs, so that what the machine did in the time between, and how each "
      "program happened to be linked, is part of every difference; --base and --head measure without that");
  try {
    const RecordedFolder baseline(options.baseline);
    const RecordedFolder candidate(options.candidate);
    require_same_machine(baseline, candidate);
    compare_cells(cells_of(baseline), cells_of(candidate), options.metrics, report);
  } catch (const GateStop& stop) {
    report.stopped = stop.what();
    report.stop_code = stop.code();
    return report;
  }
  apply_waivers(report, options.waivers);
  apply_counts(report);
  return report;
}

}  // namespace crosstalk::harness::gate
