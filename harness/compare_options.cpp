#include "harness/compare_options.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "harness/limits.h"
#include "harness/recorded_comparison.h"
#include "harness/run_flags.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

// What both phases together should take where nobody said how many blocks there are to be.
constexpr double kBudgetS = 240;
constexpr double kWantedBlocks = 60;
// Of a trial: making the process, filling the server, draining and checking it.
constexpr double kOverheadS = 0.04;
// Shorter ones have too few slices of 10 ms for a median.
constexpr double kShortestMs = 60;
constexpr double kLongestMs = 250;

constexpr std::array kCompareFlags{
    Flag{.name = "budget",
         .value = "TIME",
         .help = "measure blocks until this time is over, both phases together (default 4m)",
         .heading = "How long it is compared"},
    Flag{
        .name = "until-ci",
        .value = "SHARE",
        .help =
            "stop a phase as soon as every interval of the leader against another strategy is within this of "
            "its estimate, 0.1 % to 100 % (such as 3%), or the budget is spent"},
};

double parse_precision(std::string_view text) {
  if (!text.ends_with('%')) return parse_real(text, {0.001, 1});
  return parse_real(text.substr(0, text.size() - 1), {0.1, 100}) / 100;
}

std::uint64_t trials_of_a_block(const PlanRequest& request) {
  const std::uint64_t configurations = request.clients.size() * request.threads.size();
  return configurations * (request.strategies.size() + (request.with_floor ? 1 : 0));
}

RunCommand compare() {
  RunCommand command;
  command.name = "compare";
  command.defaults = {{"load", "closed", {}},
                      {"repetitions", "1000", {}},
                      {"duration", "250ms", {"ops", "trace"}},
                      {"warmup", "125ms", {"trace"}}};
  command.own = {"load",    "rate",  "stages",     "envelope",   "think", "outside", "repeat",
                 "anatomy", "count", "time-scale", "no-latency", "plan",  "row",     "dry-run"};
  command.more = kCompareFlags;
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
  PlanRow& base = options.run.request.base;
  if (base.checks == Checks::off) {
    throw UsageError(
        "--checks: must be live or full, for rows whose laws were not checked are never compared, got off");
  }
  if (!base.trace.empty()) options.trace_rate_ops_s = rate_of(base.trace);
  options.budget = budget_of(options.run, kBudgetS);
  if (const Given* given = options.run.given("until-ci")) {
    options.until_ci = Settings::convert<double>(*given, parse_precision);
    if (!options.budget.seconds) options.budget.seconds = kBudgetS;
  }
  if (!options.run.length_was_chosen && base.trace.empty() && options.budget.seconds) {
    const TrialLength length = trial_length(*options.budget.seconds, trials_of_a_block(options.run.request));
    base.duration_ns = length.duration_ns;
    base.warmup_ns = length.warmup_ns;
  }
  return options;
}

Budget budget_of(const RunOptions& options, double otherwise_s) {
  Budget budget;
  if (!options.repetitions_were_chosen) budget.seconds = otherwise_s;
  if (const Given* given = options.given("budget")) {
    const auto parse = [](std::string_view text) {
      return parse_duration_ns(text, {kSecondNs, kDurationBounds.high});
    };
    budget.seconds = static_cast<double>(Settings::convert<std::uint64_t>(*given, parse)) * 1e-9;
    budget.was_chosen = true;
  }
  return budget;
}

TrialLength trial_length(double budget_s, std::uint64_t trials_per_block) {
  const double trial_s = budget_s / (2 * kWantedBlocks * static_cast<double>(trials_per_block)) - kOverheadS;
  const double duration_ms = std::clamp(std::floor(trial_s * 1000 / 1.5), kShortestMs, kLongestMs);
  const auto duration_ns = static_cast<std::uint64_t>(duration_ms) * 1'000'000;
  return {.duration_ns = duration_ns, .warmup_ns = duration_ns / 2};
}

std::string compare_help() {
  return "usage: crosstalk compare [flags]\n\n" +
         wrapped(
             "The main job, a tournament: every strategy in interleaved blocks, first in a closed loop (throughput), "
             "then in an open loop at half of what the slowest one sustains (latency at equal offered load). A block "
             "holds every strategy once in random order, each trial a process of its own; trials are short (60 to "
             "250 ms, unless --duration, --ops or --trace say otherwise), so that many blocks fit.",
             0) +
         "\n\n" +
         wrapped(
             "Strategies are told apart by the exact signed-rank test of their ratios within blocks, adjusted over all "
             "pairs (Holm) at 0.5 % for the whole field; each interval is of 95 %. What is not told apart is said "
             "together with the smallest difference that four of five such tournaments would find. The number of "
             "blocks comes from --repetitions or from the time, never from the result. With --until-ci the result is "
             "looked at after some 12 blocks and then at each half more; the looks share the error in proportion to "
             "the blocks, so that looking costs certainty and is accounted for.",
             0) +
         "\n\n" +
         wrapped(
             "With --map the question is another: which strategy wins where. See crosstalk compare --map --help.",
             0) +
         "\n\n" +
         wrapped(
             "Rows that broke a law, crashed, were contaminated, too short or late are kept and marked, and never "
             "compared. The verdicts stand in comparison.csv.",
             0) +
         "\n\n" +
         wrapped(
             "STRATEGY#2 is the same strategy once more: `--strategy sharded/ttas,sharded/ttas#2` is a comparison between "
             "equals, which should find nothing. With --from nothing is measured: the values of blocks.csv are judged "
             "again, as one tournament, or as many.",
             0) +
         "\n\n" + describe_flags(kCompareFlags) + "\n" + recorded_help() + "\n" +
         wrapped(
             "Takes the flags of crosstalk run too (see crosstalk help run) but --load, --rate, --stages, --envelope, "
             "--think, --outside, --anatomy, --count, --time-scale, --no-latency, --plan, --row and --dry-run. --repetitions: that many "
             "blocks in each phase, however long they take, or at most that many (default 1,000) where there is a budget.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
