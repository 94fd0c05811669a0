#include "harness/compare_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "harness/block_series.h"
#include "harness/campaign.h"
#include "harness/compare_options.h"
#include "harness/display.h"
#include "harness/flags.h"
#include "harness/limits.h"
#include "harness/map_command.h"
#include "harness/preliminaries.h"
#include "harness/recorded_comparison.h"
#include "harness/threshold_table.h"
#include "harness/tournament_field.h"
#include "harness/tournament_view.h"
#include "reports/block_values.h"
#include "reports/comparison.h"
#include "reports/csv_writer.h"
#include "reports/looks.h"

namespace crosstalk::harness {

namespace {

using Steady = std::chrono::steady_clock;

// Fewer blocks have no 95 % interval: so many are measured unless somebody said what time there is.
constexpr std::uint64_t kFewestBlocks = 6;
// Before so many there is no look, for it would show nothing.
constexpr std::size_t kFirstLook = 12;
// The open loop runs at this share of the slowest strategy's throughput: equal load for all, and none saturated.
constexpr double kOpenLoopShare = 0.5;
// Of the time, the closed loop has half as much again as the open one: it bears throughput and processor time.
constexpr double kClosedWeight = 1.5;

// How long the open loop takes, in terms of the closed one: a replay at half the rate takes twice as long.
double open_loop_times(const PlanRow& row) {
  return row.trace.empty() ? 1 : 1 / kOpenLoopShare;
}

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

class Comparing {
 public:
  Comparing(const Catalog& catalog, const CompareOptions& options, Streams streams)
      : options_(options),
        streams_(streams),
        begin_(Steady::now()),
        campaign_(catalog,
                  {.out = options.run.out,
                   .quiet = options.run.quiet,
                   .progress = options.run.progress,
                   .live = options.run.live,
                   .command = options.run.command,
                   .thresholds = options.run.thresholds,
                   .observer = [this](const reports::RunResult& result) { keep(result); },
                   .plug_ins_checked = options.run.check_plugged_in,
                   .reference_ops = options.run.reference_ops},
                  streams),
        verdicts_(options.run.out / "comparison.csv", reports::comparison_header()),
        values_(options.run.out / "blocks.csv", reports::block_values_header()) {}

  int run() {
    PlanRequest request = options_.run.request;
    const double closed_share = kClosedWeight / (kClosedWeight + open_loop_times(request.base));
    const std::optional<double> budget_s = options_.budget.seconds;
    looks_[0] = phase(request, budget_s ? std::optional(*budget_s * closed_share) : std::nullopt, true);
    const auto slowest = slowest_closed_ops_s(fields_);
    if (!campaign_.interrupted() && slowest) {
      set_open_loop(request, *slowest * kOpenLoopShare);
      say("open loop at " + display_rate(*slowest * kOpenLoopShare) +
          ", half of what the slowest strategy sustains");
      const auto left_s = budget_s ? std::optional(*budget_s - seconds_since(begin_)) : std::nullopt;
      looks_[1] = phase(request, left_s, false);
    }
    conclude();
    return campaign_.exit_code();
  }

 private:
  void say(const std::string& text) {
    if (!options_.run.quiet) streams_.err << text << std::endl;
  }

  void keep(const reports::RunResult& result) {
    const bool spin = !options_.run.request.base.sleeps && !result.identity.oversubscribed;
    const reports::RecordedTrial trial = reports::recorded(result);
    field_of(fields_, trial).add(trial, spin);
  }

  // Measures blocks until there are as many as were asked for, the time is over, or a look is content; returns the look
  // that judges them.
  Look phase(PlanRequest request, std::optional<double> budget_s, bool closed) {
    const std::uint64_t most = request.repetitions;
    const auto make = [&request](std::uint64_t blocks) {
      request.repetitions = blocks;
      return make_plan(request);
    };
    const std::uint64_t least = options_.budget.was_chosen ? 1 : std::min(kFewestBlocks, most);
    BlockSeries series(campaign_, make, {.most = most, .least = least, .budget_s = budget_s}, first_trial_);
    const std::uint64_t planned = series.begin();
    reports::Looks looks = options_.until_ci ? reports::Looks(kFirstLook, planned) : reports::Looks();
    std::optional<Look> content;
    series.finish([&](std::uint64_t blocks) {
      if (!looks.is_due(blocks) || blocks >= planned) return false;
      const Look look{.share = looks.spend(blocks), .number = looks.count()};
      if (are_narrow(closed, look)) content = look;
      return content.has_value();
    });
    first_trial_ = series.next_trial();
    if (content) return *content;
    const double rest = looks.spend_rest();
    return {.share = rest, .number = looks.count()};
  }

  [[nodiscard]] bool are_narrow(bool closed, Look look) const {
    for (const LoadField& field : fields_) {
      if (field.closed() != closed) continue;
      const auto figures = field.judge(look);
      if (!figures.empty() && !reports::is_narrow(figures.front().tournament, *options_.until_ci))
        return false;
    }
    return true;
  }

  void conclude() {
    std::vector<JudgedField> all;
    for (const LoadField& field : fields_) all.push_back(judged(field, looks_[field.closed() ? 0 : 1]));
    for (const JudgedField& field : all) {
      for (const reports::ComparisonRow& row : comparison_rows(field))
        verdicts_.append(reports::comparison_line(row));
      std::string lines;
      for (const reports::BlockValue& value : block_values(field)) lines += reports::block_values_line(value);
      values_.append(lines);
    }
    print_tournament(all, options_.run.format, streams_);
    print_thresholds(campaign_.thresholds(), options_.run.format, streams_);
    for (const std::string& warning : campaign_.summary().warnings())
      streams_.err << wrapped("warning: " + warning, 2) << '\n';
    streams_.err << "results: " << options_.run.out.string() << std::endl;
  }

  void set_open_loop(PlanRequest& request, double rate_ops_s) {
    PlanRow& base = request.base;
    if (base.trace.empty()) {
      base.load = LoadModel::poisson;
      request.rates = {rate_ops_s};
      return;
    }
    // A replay has the rate that its time scale gives it. The closed loop's instants had scale 1.
    base.load = LoadModel::trace;
    base.time_scale =
        std::clamp(rate_ops_s / options_.trace_rate_ops_s, kTimeScaleBounds.low, kTimeScaleBounds.high);
  }

  const CompareOptions& options_;
  Streams streams_;
  Steady::time_point begin_;
  std::vector<LoadField> fields_;  // before the campaign, whose observer fills them
  Campaign campaign_;
  reports::CsvFile verdicts_, values_;
  std::array<Look, 2> looks_{};    // closed, open
  std::uint64_t first_trial_ = 0;  // of the next phase
};

}  // namespace

int compare_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                    const Environment& environment, Streams streams) {
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end() ||
      std::find(arguments.begin(), arguments.end(), "-h") != arguments.end()) {
    streams.out << (asks_for_map(arguments) ? map_help() : compare_help());
    return 0;
  }
  if (compares_recorded(arguments)) return compare_recorded(parse_recorded(arguments), streams);
  if (asks_for_map(arguments)) return map_command(catalog, arguments, environment, streams);
  const CompareOptions options = parse_compare(catalog, arguments, environment);
  begin_measuring(catalog, options.run, streams);
  return Comparing(catalog, options, streams).run();
}

}  // namespace crosstalk::harness
