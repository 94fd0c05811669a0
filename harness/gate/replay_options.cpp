#include "harness/gate/replay_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/flags.h"
#include "harness/limits.h"
#include "harness/settings.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

constexpr WholeBounds kReplayTrials{1, 1'000'000};
constexpr std::array kReplayFlags{
    Flag{.name = "recorded",
         .value = "LIST",
         .help = "pairs.csv of gates of a program against itself, taken for one recording",
         .list = true},
    Flag{.name = "trials", .value = "N", .help = "gates of each effect (default 2000)"},
    Flag{.name = "effects", .value = "LIST", .help = "how much slower head is (default 0%,2%,5%,10%,20%)"},
    Flag{.name = "slow",
         .value = "all|one",
         .help = "all contests with a direct path, or one with one driver, in turn (default all)"},
    Flag{.name = "name", .value = "TEXT", .help = "of the plan, in the rows (default default)"},
    Flag{.name = "pairs", .value = "N", .help = "as of the gate (default 40)"},
    Flag{.name = "contended-pairs",
         .value = "N",
         .help = "the same of scenarios with contention (default: as --pairs)"},
    Flag{.name = "budget", .value = "TIME", .help = "as of the gate (default 180s)"},
    Flag{.name = "start", .value = "TIME", .help = "before the first pair (default 6s)"},
    Flag{.name = "rounds",
         .value = "N",
         .help = "how many rounds a gate follows the recording in one go, on average (default 10)"},
    Flag{.name = "metrics", .value = "LIST", .help = "as of the gate"},
    Flag{.name = "limits", .value = "FILE", .help = "as of the gate"},
    Flag{.name = "seed", .value = "N", .help = "of the first gate (default 1)"},
};

std::size_t count_of(const Settings& settings, std::string_view flag, std::size_t usual, WholeBounds bounds) {
  const auto parse = [&](std::string_view text) { return parse_whole(text, bounds); };
  return static_cast<std::size_t>(settings.get<std::uint64_t>(flag, usual, parse));
}

double seconds_of(const Settings& settings, std::string_view flag, double usual) {
  const auto parse = [](std::string_view text) { return parse_duration_ns(text, {1, kDayNs}); };
  const auto usual_ns = static_cast<std::uint64_t>(usual * static_cast<double>(kSecondNs));
  return static_cast<double>(settings.get<std::uint64_t>(flag, usual_ns, parse)) /
         static_cast<double>(kSecondNs);
}

// Recorded pairs hold what was timed.
Metrics metrics_of_replay(const Settings& settings) {
  const Given* file = settings.find("limits");
  Metrics metrics = file != nullptr ? read_limits(file->text) : reports::default_gate_metrics();
  std::erase_if(metrics, [](const reports::GateMetric& metric) { return metric.name == kInstructions; });
  const Given* given = settings.find("metrics");
  if (given == nullptr) return metrics;
  const auto names = Settings::convert<std::vector<std::string>>(*given, parse_names);
  for (const std::string& name : names) {
    if (!is_metric(name) || name == kInstructions)
      throw UsageError("--metrics: no metric that is timed: " + name);
  }
  std::erase_if(metrics, [&](const reports::GateMetric& metric) {
    return std::find(names.begin(), names.end(), metric.name) == names.end();
  });
  return metrics;
}

}  // namespace

ReplayEffect ReplayOptions::effect(double share, std::size_t trial) const {
  ReplayEffect effect{.share = share};
  for (std::size_t i = 0; i < plan.contests.size(); ++i) {
    const Contest& contest = plan.contests[i];
    if (one ? contest.is_solo() : contest.path == "direct") effect.slowed.push_back(i);
  }
  if (one) effect.slowed = {effect.slowed.at(trial % effect.slowed.size())};
  if (share == 0) effect.slowed.clear();
  return effect;
}

ReplayOptions parse_replay(const std::vector<std::string>& arguments) {
  Settings settings;
  read_arguments(settings, kReplayFlags, arguments);
  ReplayOptions options;
  const Given* recorded = settings.find("recorded");
  if (recorded == nullptr) throw UsageError("--recorded: must be given, the pairs.csv of a gate");
  options.recorded = Settings::convert<std::vector<std::string>>(*recorded, parse_names);
  options.name = settings.text("name", "default");
  options.trials = count_of(settings, "trials", 2'000, kReplayTrials);
  options.seed = count_of(settings, "seed", 1, {0, 1'000'000'000});
  options.effects =
      settings.get<std::vector<double>>("effects", {0, 0.02, 0.05, 0.1, 0.2}, [](std::string_view text) {
        std::vector<double> shares;
        for (const std::string& each : parse_names(text)) shares.push_back(parse_share(each));
        return shares;
      });
  constexpr std::array<std::string_view, 2> kWhich{"all", "one"};
  options.one = settings.get<std::size_t>("slow", 0, [&](std::string_view text) {
    return parse_choice<std::size_t>(text, kWhich);
  }) == 1;
  options.plan.metrics = metrics_of_replay(settings);
  options.plan.pairs = count_of(settings, "pairs", options.plan.pairs, kRepetitionsBounds);
  options.plan.contended_pairs =
      count_of(settings, "contended-pairs", options.plan.pairs, kRepetitionsBounds);
  options.plan.budget_seconds = seconds_of(settings, "budget", options.plan.budget_seconds);
  options.plan.start_seconds = seconds_of(settings, "start", options.plan.start_seconds);
  options.plan.mean_rounds = static_cast<double>(
      count_of(settings, "rounds", static_cast<std::size_t>(options.plan.mean_rounds), {1, 1'000'000}));
  return options;
}

std::string replay_help() {
  return "usage: crosstalk_gate_replay --recorded LIST [flags] > replay.csv\n\n" +
         describe_flags(kReplayFlags);
}

}  // namespace crosstalk::harness::gate
