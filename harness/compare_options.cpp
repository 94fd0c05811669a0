#include "harness/compare_options.h"

#include <algorithm>

#include "harness/run_flags.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

RunCommand compare() {
  RunCommand command;
  command.name = "compare";
  command.defaults = {{"load", "closed", {}},
                      {"repetitions", "11", {}},
                      {"duration", "250ms", {"ops", "trace"}},
                      {"warmup", "200ms", {"trace"}}};
  command.own = {"load",       "rate",       "stages", "envelope", "think",  "anatomy",
                 "time-scale", "no-latency", "plan",   "row",      "dry-run"};
  return command;
}

double rate_of(const std::string& trace) {
  const auto rows = workloads::read_trace_csv(trace).rows;
  const double span_s = static_cast<double>(rows.back().time_ns - rows.front().time_ns) * 1e-9;
  return static_cast<double>(rows.size()) / std::max(span_s, 1e-3);
}

}  // namespace

CompareOptions parse_compare(const Catalog& catalog, const std::vector<std::string>& arguments,
                             const Environment& environment) {
  CompareOptions options;
  options.run = parse_run(catalog, arguments, environment, compare());
  const PlanRow& base = options.run.request.base;
  if (!base.trace.empty()) options.trace_rate_ops_s = rate_of(base.trace);
  return options;
}

std::string compare_help() {
  return "usage: crosstalk compare [flags of run]\n\n" +
         wrapped(
             "The main job: every strategy in interleaved blocks, first in a closed loop (throughput), then "
             "in an open loop at half of what the slowest one sustains (latency at equal offered load). 11 "
             "blocks of 250 ms trials, or of whole replays with --trace; fewer, but at least 6, where they "
             "would take long.",
             0) +
         "\n\n" +
         wrapped(
             "Takes the flags of crosstalk run (see crosstalk help run) but --load, --rate, --time-scale, "
             "--no-latency, --plan, --row and --dry-run.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
