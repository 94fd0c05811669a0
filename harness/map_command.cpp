#include "harness/map_command.h"

#include <algorithm>
#include <cmath>

#include "harness/block_series.h"
#include "harness/campaign.h"
#include "harness/limits.h"
#include "harness/map_view.h"
#include "harness/preliminaries.h"
#include "harness/winner_field.h"
#include "reports/csv_writer.h"
#include "reports/signed_rank.h"
#include "reports/tournament.h"

namespace crosstalk::harness {

namespace {

// Of a trial, beside its two phases.
constexpr double kAroundS = 0.06;

std::uint64_t blocks_needed(std::size_t strategies) {
  const double pairs = static_cast<double>(strategies * (strategies - 1)) / 2;
  return pairs > 0 ? reports::fewest_pairs(reports::kFieldLevel / pairs) : 1;
}

std::uint64_t blocks_expected(const MapOptions& options, double block_s) {
  const std::uint64_t most = options.request.blocks;
  if (!options.budget.seconds) return most;
  const double blocks = std::max(1.0, std::floor(*options.budget.seconds / block_s));
  return blocks < static_cast<double>(most) ? static_cast<std::uint64_t>(blocks) : most;
}

// In whole minutes, upwards, from two on; else in seconds. What is no more than an error of rounding above stays below.
std::string span_text(double seconds) {
  const double step = seconds > 120 ? 60 : 1;
  const double steps = std::max(1.0, std::ceil(seconds / step - 1e-6));
  return format_duration(static_cast<std::uint64_t>(steps * step) * kSecondNs);
}

class Mapping {
 public:
  Mapping(const Catalog& catalog, const MapOptions& options, Streams streams)
      : options_(options),
        streams_(streams),
        field_(options.request),
        campaign_(catalog,
                  {.out = options.run.out,
                   .quiet = options.run.quiet,
                   .progress = options.run.progress,
                   .live = options.run.live,
                   .command = options.run.command,
                   .observer = [this](const reports::RunResult& result) { field_.add(result); },
                   .plug_ins_checked = options.run.check_plugged_in,
                   .reference_ops = options.run.reference_ops},
                  streams),
        file_(options.run.out / "map.csv", reports::map_header()) {}

  int run() {
    const double expected_s =
        static_cast<double>(trials_of_block(options_.request)) * expected_trial_s(options_.request.base);
    say(map_prospect(options_, expected_s));
    const auto make = [this](std::uint64_t blocks) {
      MapRequest request = options_.request;
      request.blocks = blocks;
      return make_map_plan(request);
    };
    BlockSeries series(campaign_, make,
                       {.most = options_.request.blocks, .budget_s = options_.budget.seconds});
    series.begin();
    const bool hoped = map_is_affordable(options_, expected_s);
    if (!campaign_.interrupted() && hoped && !map_is_affordable(options_, series.first_block_s()))
      say(map_prospect(options_, series.first_block_s()));
    series.finish();
    conclude();
    return campaign_.exit_code();
  }

 private:
  void say(const std::string& text) {
    if (!options_.run.quiet) streams_.err << wrapped(text, 2) << std::endl;
  }

  void conclude() {
    const std::vector<reports::MapRow> rows = field_.judge();
    for (const reports::MapRow& row : rows) file_.append(reports::map_line(row));
    print_map(rows, options_.run.format, streams_);
    std::vector<std::string> warnings = map_remarks(rows);
    if (const std::string text = field_.unsound(); !text.empty())
      warnings.push_back(text + " (status_reason in runs.csv)");
    for (const std::string& warning : warnings) streams_.err << wrapped("warning: " + warning, 2) << '\n';
    streams_.err << "results: " << options_.run.out.string() << std::endl;
  }

  const MapOptions& options_;
  Streams streams_;
  WinnerField field_;  // before the campaign, whose observer fills it
  Campaign campaign_;
  reports::CsvFile file_;
};

}  // namespace

double expected_trial_s(const PlanRow& base) noexcept {
  return static_cast<double>(base.duration_ns + base.warmup_ns) * 1e-9 + kAroundS;
}

bool map_is_affordable(const MapOptions& options, double block_s) {
  return blocks_expected(options, block_s) >= blocks_needed(options.request.strategies.size());
}

std::string map_prospect(const MapOptions& options, double block_s) {
  const MapRequest& request = options.request;
  const std::uint64_t needed = blocks_needed(request.strategies.size());
  const std::uint64_t expected = blocks_expected(options, block_s);
  std::string text = std::to_string(request.cells.size()) + " cells x " +
                     std::to_string(request.strategies.size()) + " strategies" +
                     (request.with_floor ? " and the floor" : "") + ": a block takes about " +
                     span_text(block_s);
  text += options.budget.seconds ? ", the budget of " + span_text(*options.budget.seconds) +
                                       " affords some " + std::to_string(expected) + " blocks"
                                 : ", and all " + std::to_string(expected) + " some " +
                                       span_text(block_s * static_cast<double>(expected));
  text += "; to tell so many strategies apart takes at least " + std::to_string(needed);
  if (expected >= needed) return text;
  text += ". Nothing would be resolved: ";
  if (request.blocks < needed)
    return text + "--repetitions " + std::to_string(needed) + " would do, or fewer strategies";
  // A tenth more, for no block takes as long as another.
  return text + "--budget " + span_text(1.1 * block_s * static_cast<double>(needed)) +
         " would do, or fewer strategies or values";
}

int map_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                const Environment& environment, Streams streams) {
  const MapOptions options = parse_map(catalog, arguments, environment);
  begin_measuring(catalog, options.run, streams);
  return Mapping(catalog, options, streams).run();
}

}  // namespace crosstalk::harness
