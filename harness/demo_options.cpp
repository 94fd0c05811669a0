#include "harness/demo_options.h"

#include <algorithm>
#include <array>

#include "harness/run_flags.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

constexpr std::array<std::string_view, 6> kOwnChoice{"load", "rate", "time-scale", "plan", "row", "dry-run"};

bool is_given(const std::vector<std::string>& arguments, std::string_view flag) {
  const std::string name = "--" + std::string(flag);
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const std::string& a) { return a == name || a.starts_with(name + "="); });
}

double rate_of(const std::string& trace) {
  const auto rows = workloads::read_trace_csv(trace).rows;
  const double span_s = static_cast<double>(rows.back().time_ns - rows.front().time_ns) * 1e-9;
  return static_cast<double>(rows.size()) / std::max(span_s, 1e-3);
}

}  // namespace

DemoOptions parse_demo(const Catalog& catalog, const std::vector<std::string>& arguments,
                       const Environment& environment) {
  for (const std::string_view flag : kOwnChoice) {
    if (is_given(arguments, flag)) {
      throw UsageError("--" + std::string(flag) +
                       ": the demo chooses load and rate itself; see crosstalk run");
    }
  }
  std::vector<std::pair<std::string, std::string>> defaults{{"load", "closed"}, {"repetitions", "11"}};
  const bool counted = is_given(arguments, "ops");
  if (!is_given(arguments, "trace")) {
    if (!counted) defaults.emplace_back("duration", "350ms");
    defaults.emplace_back("warmup", "100ms");
  }
  DemoOptions options;
  options.run = parse_run(catalog, "demo", defaults, arguments, environment);
  const PlanRow& base = options.run.request.base;
  if (base.load != LoadModel::closed || !options.run.plan.empty() || options.run.dry_run) {
    throw UsageError("the demo chooses load and rate itself and takes no plan; see crosstalk run");
  }
  options.blocks_chosen = is_given(arguments, "repetitions");
  if (!base.trace.empty()) options.trace_rate_ops_s = rate_of(base.trace);
  return options;
}

std::string demo_help() {
  return "usage: crosstalk demo [flags of run]\n\n" +
         wrapped(
             "The main job: every strategy in interleaved blocks, first in a closed loop (throughput), then "
             "in an open "
             "loop at half of what the slowest one sustains (latency at equal offered load). 11 blocks of "
             "350 ms "
             "trials, or of whole replays with --trace; fewer, but at least 6, where they would take long.",
             0) +
         "\n\n" +
         wrapped(
             "Takes the flags of crosstalk run (see crosstalk help run) but --load, --rate, --time-scale, "
             "--plan, "
             "--row and --dry-run.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
