#include "harness/compare_command.h"

#include <algorithm>
#include <chrono>

#include "harness/campaign.h"
#include "harness/compare_options.h"
#include "harness/display.h"
#include "harness/flags.h"
#include "harness/limits.h"

namespace crosstalk::harness {

namespace {

using Steady = std::chrono::steady_clock;

// What both phases together should take where nobody said how many blocks there are to be.
constexpr double kBudgetS = 240;
// Fewer blocks have no 95 % interval.
constexpr std::uint64_t kFewestBlocks = 6;
// The open loop runs at this share of the slowest strategy's throughput: equal load for all, and none saturated.
constexpr double kOpenLoopShare = 0.5;

// How long the open loop takes, in terms of the closed one: a replay at half the rate takes twice as long.
double open_loop_times(const PlanRow& row) {
  return row.trace.empty() ? 1 : 1 / kOpenLoopShare;
}

class Comparing {
 public:
  Comparing(const Catalog& catalog, const CompareOptions& options, Streams streams)
      : options_(options),
        streams_(streams),
        campaign_(catalog,
                  {.out = options.run.out,
                   .quiet = options.run.quiet,
                   .progress = options.run.progress,
                   .command = options.run.command},
                  streams) {}

  int run() {
    PlanRequest request = options_.run.request;
    closed_phase(request);
    const auto slowest = campaign_.summary().slowest_closed_ops_s();
    if (!campaign_.interrupted() && slowest) {
      set_open_loop(request, *slowest * kOpenLoopShare);
      say("open loop at " + display_rate(*slowest * kOpenLoopShare) +
          ", half of what the slowest strategy sustains");
      Plan plan = make_plan(request);
      for (PlanRow& row : plan) row.row += trials_;  // trials of one folder are numbered through
      campaign_.run(plan);
    }
    print_summary(campaign_.summary(), options_.run.format, options_.run.out, streams_);
    return campaign_.exit_code();
  }

 private:
  void say(const std::string& text) {
    if (!options_.run.quiet) streams_.err << text << std::endl;
  }

  // Sets request.repetitions to the number of blocks measured.
  void closed_phase(PlanRequest& request) {
    const Plan plan = make_plan(request);
    trials_ = plan.size();
    const auto second_block =
        std::find_if(plan.begin(), plan.end(), [](const PlanRow& row) { return row.block > 0; });
    const Plan first(plan.begin(), second_block);
    const Steady::time_point begin = Steady::now();
    campaign_.run(first);
    const double block_s = std::chrono::duration<double>(Steady::now() - begin).count();
    if (!options_.run.repetitions_were_chosen) {
      const auto affordable =
          static_cast<std::uint64_t>(kBudgetS / (block_s * (1 + open_loop_times(request.base))));
      request.repetitions =
          std::clamp(affordable, std::min(kFewestBlocks, request.repetitions), request.repetitions);
    }
    const Plan rest(second_block, std::find_if(second_block, plan.end(), [&](const PlanRow& row) {
                      return row.block >= request.repetitions;
                    }));
    if (!rest.empty() && !campaign_.interrupted()) campaign_.run(rest);
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
  Campaign campaign_;
  std::uint64_t trials_ = 0;  // of the closed loop
};

}  // namespace

int compare_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                    const Environment& environment, Streams streams) {
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end() ||
      std::find(arguments.begin(), arguments.end(), "-h") != arguments.end()) {
    streams.out << compare_help();
    return 0;
  }
  const CompareOptions options = parse_compare(catalog, arguments, environment);
  for (const std::string& note : options.run.notes) {
    if (!options.run.quiet) streams.err << wrapped("note: " + note, 2) << '\n';
  }
  if (options.run.seed_was_chosen) streams.err << "seed: " << options.run.request.base.seed << std::endl;
  require_fit_build();
  return Comparing(catalog, options, streams).run();
}

}  // namespace crosstalk::harness
