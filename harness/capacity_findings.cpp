#include "harness/capacity_findings.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "harness/display.h"
#include "reports/csv_text.h"
#include "reports/metrics.h"
#include "reports/paired.h"
#include "reports/schema.h"

namespace crosstalk::harness {

namespace {

constexpr std::size_t kDefectsForgiven = 2;

using reports::CapacityOutcome;
using reports::Status;

std::string_view outcome_word(CapacityOutcome outcome) {
  switch (outcome) {
    case CapacityOutcome::found:
      return "found";
    case CapacityOutcome::below_lowest:
      return "below_lowest";
    case CapacityOutcome::limit_reached:
      return "limit_reached";
    case CapacityOutcome::gave_up:
      return "gave_up";
    case CapacityOutcome::searching:
      break;
  }
  return "unfinished";
}

// Of a trial that is not ok, or broke a law.
void say_unusable(RateVerdict& verdict, const reports::RunResult& result) {
  if (result.verified == false) {
    verdict.word = "law";
    verdict.reason = "NOT VERIFIED: " + result.status_reason;
    return;
  }
  verdict.reason = to_string(result.status);
  switch (result.status) {
    case Status::generator:
      verdict.word = "generator";
      verdict.reason = "the generator's limit, not the server's";
      return;
    case Status::contaminated:
      verdict.word = "disturbed";
      return;
    case Status::too_short:
      verdict.word = "short";
      return;
    case Status::failed:
      verdict.word = "failed";
      verdict.reason += ": " + result.status_reason;
      return;
    case Status::ok:
    case Status::saturated:
    case Status::interrupted:
      verdict.word = "saturated";
      return;
  }
}

std::string_view end_word(CapacityOutcome outcome) {
  switch (outcome) {
    case CapacityOutcome::below_lowest:
      return "lowest";
    case CapacityOutcome::limit_reached:
      return "limit";
    case CapacityOutcome::gave_up:
      return "gave up";
    case CapacityOutcome::found:
    case CapacityOutcome::searching:
      break;
  }
  return "stopped";
}

std::string name_of(const CapacityLine& line) {
  return line.strategy + ", " + std::to_string(line.threads) + (line.threads == 1 ? " driver" : " drivers");
}

// True where a condition has no value for want of samples.
bool wants_samples(const reports::Threshold& condition, const reports::RunResult& result) {
  for (const reports::OpResult& op : result.ops) {
    if (op.op != condition.op) continue;
    const auto samples = reports::metric_samples(condition.metric, op);
    return samples && samples->there < samples->needed;
  }
  return true;  // not even one operation of that kind
}

std::string short_number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string span_of(const std::string& low, const std::string& high) {
  return " (" + low + " to " + high + ")";
}

std::string drivers(double n) {
  if (!std::isfinite(n)) return "none";
  return short_number(n < 10 ? std::round(n * 10) / 10 : std::round(n), 4);
}

}  // namespace

RateVerdict judge_rate(const reports::RunResult& result, std::span<const reports::Threshold> conditions) {
  RateVerdict verdict;
  if (result.status == Status::too_short) {
    verdict.lacks_samples = result.verified.value_or(true);
    say_unusable(verdict, result);
    return verdict;
  }
  if (result.status != Status::ok || !result.verified.value_or(true)) {
    verdict.defect = result.verified.value_or(true) &&
                     (result.status == Status::generator || result.status == Status::contaminated);
    say_unusable(verdict, result);
    return verdict;
  }
  verdict.met = true;
  bool all_want_samples = true;
  for (const reports::Threshold& condition : conditions) {
    const reports::ThresholdMark mark = reports::judge(condition, result);
    if (mark.held) continue;
    verdict.met = false;
    verdict.word = "slo";
    all_want_samples = all_want_samples && !mark.value && wants_samples(condition, result);
    if (!verdict.reason.empty()) verdict.reason += ", ";
    verdict.reason += mark.text.substr(0, mark.text.find_first_of("<>")) + " " + mark.shown;
  }
  verdict.lacks_samples = !verdict.met && all_want_samples;
  return verdict;
}

StrategySearch::StrategySearch(std::string strategy, unsigned threads, const CapacityRequest& request)
    : strategy_(std::move(strategy)),
      threads_(threads),
      request_(request),
      options_(request.search),
      search_(request.search) {}

std::optional<double> StrategySearch::next_rate() {
  if (!unjudged_.empty()) return std::nullopt;
  return search_.next_rate();
}

void StrategySearch::tell(double rate, const reports::RunResult& result) {
  ++trials_;
  broke_a_law_ = broke_a_law_ || !result.verified.value_or(true);
  crashed_ = crashed_ || result.status == Status::failed;
  any_sound_ = any_sound_ || result.status == Status::ok || result.status == Status::saturated;
  const RateVerdict verdict = judge_rate(result, request_.conditions);
  if (verdict.defect && defects_++ < kDefectsForgiven) return;
  defects_ = 0;
  // Below a rate that yields the samples nothing can be said: the search begins above it.
  if (!judged_ && verdict.lacks_samples) {
    if (options_.start_ops_s * 2 > options_.limit_ops_s) {
      unjudged_ = "too few samples; raise --duration: " + verdict.reason;
      return;
    }
    options_.start_ops_s *= 2;
    options_.lowest_ops_s = options_.start_ops_s;
    search_ = reports::CapacitySearch(options_);
    return;
  }
  judged_ = true;
  if (verdict.met) {
    const auto p99 = result.ops.empty() ? std::nullopt : result.ops.front().response.percentile(0.99);
    if (p99) p99_ns_[rate].push_back(static_cast<double>(*p99));
  } else {
    reasons_[rate] = verdict;
  }
  search_.tell(rate, verdict.met);
}

CapacityLine StrategySearch::line() const {
  CapacityLine line;
  line.strategy = strategy_;
  line.threads = threads_;
  line.bracket = search_.bracket();
  line.outcome = unjudged_.empty() ? search_.outcome() : CapacityOutcome::gave_up;
  line.trials = trials_;
  const auto p99 = p99_ns_.find(line.bracket.met_ops_s);
  if (p99 != p99_ns_.end()) line.response_p99_ns = reports::median(p99->second);
  line.remark = unjudged_.empty() ? search_.remark() : unjudged_;
  if (line.outcome == CapacityOutcome::searching) line.remark = "interrupted";
  line.end = end_word(line.outcome);
  const auto why = reasons_.find(line.bracket.failed_ops_s);
  if (why == reasons_.end() || !unjudged_.empty()) return line;
  line.remark += (line.remark.empty() ? "" : ": ") + why->second.reason;
  if (line.outcome == CapacityOutcome::found) line.end = why->second.word;
  return line;
}

int capacity_exit_code(std::span<const StrategySearch> searches) {
  const auto any = [&](auto&& is) { return std::any_of(searches.begin(), searches.end(), is); };
  if (any([](const StrategySearch& s) { return s.broke_a_law(); })) return 3;
  if (any([](const StrategySearch& s) { return s.crashed(); })) return 8;
  if (any([](const StrategySearch& s) { return !s.any_sound(); })) return 4;
  if (any([](const StrategySearch& s) { return s.line().outcome == CapacityOutcome::below_lowest; }))
    return 1;
  if (any([](const StrategySearch& s) { return s.line().outcome == CapacityOutcome::gave_up; })) return 5;
  return 0;
}

TextTable capacity_table(std::span<const CapacityLine> lines, bool for_people) {
  TextTable table;
  table.columns = {{"strategy", false},
                   {"drivers", true},
                   {"capacity", true},
                   {"fails at", true},
                   {"p99", true},
                   {for_people ? "conf." : "confirmed", false},
                   {for_people ? "end" : "remark", false}};
  for (const CapacityLine& line : lines) {
    const reports::Bracket& bracket = line.bracket;
    table.rows.push_back({line.strategy, std::to_string(line.threads),
                          bracket.met_ops_s > 0 ? display_rate(bracket.met_ops_s) : "",
                          std::isfinite(bracket.failed_ops_s) ? display_rate(bracket.failed_ops_s) : "",
                          line.response_p99_ns ? display_ns(*line.response_p99_ns) : "",
                          bracket.confirmed ? "yes" : "no",
                          for_people ? std::string(line.end) : line.remark});
  }
  return table;
}

std::vector<std::string> capacity_remarks(std::span<const CapacityLine> lines) {
  std::vector<std::string> remarks;
  for (const CapacityLine& line : lines) {
    if (!line.remark.empty()) remarks.push_back(name_of(line) + ": " + line.remark);
  }
  return remarks;
}

std::string scaling_sentence(const std::string& strategy, const reports::UslFit& fit, unsigned most) {
  std::string text =
      strategy + ": scaling by the Universal Scalability Law: one driver " + display_rate(fit.lambda_ops_s);
  const auto* spans = fit.intervals ? &*fit.intervals : nullptr;
  if (spans) text += span_of(display_rate(spans->lambda_ops_s.low), display_rate(spans->lambda_ops_s.high));
  text += ", contention " + short_number(fit.sigma, 2);
  if (spans) text += span_of(short_number(spans->sigma.low, 2), short_number(spans->sigma.high, 2));
  text += ", coherency " + short_number(fit.kappa, 2);
  if (spans) text += span_of(short_number(spans->kappa.low, 2), short_number(spans->kappa.high, 2));
  if (!std::isfinite(fit.peak_n)) {
    text += "; no peak is predicted, which is extrapolation: at most " + std::to_string(most) +
            " drivers were measured";
  } else {
    text += "; predicted peak " + display_rate(fit.peak_ops_s) + " at " + drivers(fit.peak_n) +
            (fit.peak_n == 1 ? " driver" : " drivers");
    if (spans) text += span_of(drivers(spans->peak_n.low), drivers(spans->peak_n.high));
    text += fit.extrapolated
                ? ", which is extrapolation: at most " + std::to_string(most) + " drivers were measured"
                : ", within the " + std::to_string(most) + " drivers measured";
  }
  text += "; capacities scatter by " + short_number(100 * fit.scatter, 2) + " % around it";
  if (spans) return text + " (in brackets: 95 % intervals)";
  return text + "; intervals need six numbers of drivers";
}

std::vector<std::string> scaling_findings(std::span<const CapacityLine> lines) {
  std::map<std::string, std::vector<const CapacityLine*>> by_strategy;
  std::vector<std::string> order;
  for (const CapacityLine& line : lines) {
    auto& of = by_strategy[line.strategy];
    if (of.empty()) order.push_back(line.strategy);
    of.push_back(&line);
  }
  std::vector<std::string> findings;
  for (const std::string& strategy : order) {
    std::vector<reports::UslPoint> points;
    unsigned most = 0;
    for (const CapacityLine* line : by_strategy[strategy]) {
      // Where the search ended for another reason than the server's, the point is no throughput of the server.
      if (line->outcome != CapacityOutcome::found || line->remark.find("generator") != std::string::npos)
        continue;
      points.push_back({static_cast<double>(line->threads), line->bracket.met_ops_s});
      most = std::max(most, line->threads);
    }
    if (const auto fit = reports::fit_usl(points)) {
      findings.push_back(scaling_sentence(strategy, *fit, most));
    } else if (by_strategy[strategy].size() >= 3) {
      findings.push_back(strategy +
                         ": scaling is not fitted, which takes three numbers of drivers whose capacity was "
                         "found and is the server's, got " +
                         std::to_string(points.size()));
    }
  }
  return findings;
}

std::string capacity_header() {
  return reports::header_of(reports::capacity_columns());
}

std::string capacity_row(const CapacityLine& line, const CapacityRequest& request,
                         const std::string& run_id) {
  const PlanRow& base = request.run.request.base;
  std::string slo;
  for (const reports::Threshold& condition : request.conditions)
    slo += (slo.empty() ? "" : " ") + condition.text;
  reports::CsvText text;
  text.cell(reports::kSchemaVersion).cell(run_id).cell(base.scenario).cell(line.strategy);
  text.cell(request.run.request.clients.front())
      .cell(line.threads)
      .cell(base.workers)
      .cell(to_string(base.path));
  text.cell(slo).cell(outcome_word(line.outcome));
  line.bracket.met_ops_s > 0 ? text.cell(line.bracket.met_ops_s) : text.empty();
  text.cell(line.bracket.failed_ops_s).cell(line.bracket.confirmed).cell(line.trials);
  if (line.response_p99_ns) {
    text.cell(static_cast<std::uint64_t>(std::llround(*line.response_p99_ns)));
  } else {
    text.empty();
  }
  text.cell(line.remark);
  text.end_row();
  return text.text();
}

}  // namespace crosstalk::harness
