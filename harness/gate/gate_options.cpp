#include "harness/gate/gate_options.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string_view>
#include <utility>

#include "harness/gate/block_runner.h"
#include "harness/gate/instruction_counter.h"
#include "harness/limits.h"
#include "harness/printable.h"
#include "harness/settings.h"

namespace crosstalk::harness::gate {

namespace {

constexpr std::size_t kMostLinks = 16;
constexpr WholeBounds kBlockBounds{10'000'000, 60 * kSecondNs};
constexpr WholeBounds kBudgetBounds{kSecondNs, kDayNs};

constexpr std::array kGateFlags{
    Flag{.name = "base",
         .value = "LIST",
         .help = "crosstalk as it was; several: links of the same objects, of which each block draws one",
         .list = true,
         .heading = "What is compared"},
    Flag{.name = "head", .value = "LIST", .help = "crosstalk as it is", .list = true},
    Flag{.name = "baseline",
         .value = "DIR",
         .help = "instead of programs: results as they were (a folder of run with --repetitions)"},
    Flag{.name = "candidate", .value = "DIR", .help = "results as they are, of the same machine"},
    Flag{
        .name = "scenarios",
        .value = "LIST",
        .help =
            "solo_team, solo_stream, solo_map, crowd_team, crowd_counter, pooled_mixed (default all six), or any "
            "scenario of run, a name or a file",
        .list = true},
    Flag{.name = "strategy",
         .value = "LIST",
         .help = "with scenarios of run: strategies (default sharded/std_mutex)",
         .list = true},
    Flag{.name = "threads", .value = "N", .help = "with scenarios of run: drivers (default 1)"},
    Flag{.name = "clients", .value = "N", .help = "simulated clients (default: as the scenario says)"},

    Flag{
        .name = "metrics",
        .value = "LIST",
        .help =
            "what is judged: throughput, cpu_per_op, response_p50, response_p99, delivery_last_p99 (default these), "
            "instructions (counted an operation under valgrind, for scenarios of one driver; alone it needs no pairs)",
        .list = true,
        .heading = "When it fails"},
    Flag{.name = "limits",
         .value = "FILE",
         .help = "an .ini with margin and budget of each metric (default: those of harness/gate/limits.ini)"},
    Flag{.name = "waivers",
         .value = "FILE",
         .help = "an .ini of regressions that are accepted, each until a day"},
    Flag{.name = "undecided",
         .value = "pass|fail",
         .help = "what an undecided gate is for the caller: exit code 0 or 5 (default fail)"},
    Flag{.name = "instructions",
         .value = "",
         .help = "also count instructions an operation under valgrind, for scenarios of one driver"},
    Flag{.name = "no-count",
         .value = "",
         .help = "do not count what an operation does (run --count), which takes some seconds a scenario"},

    Flag{
        .name = "inject",
        .value = "THING=PCT",
        .help =
            "slow head down on purpose, to see what the gate makes of it, by 0.1 % to 100 %: total= works between two "
            "operations for this share of the time that one takes the base (direct path only); lock=, map=, pool= do "
            "so many of the operations that use it once more (--repeat of run)"},

    Flag{.name = "pairs",
         .value = "N",
         .help = "pairs of blocks for each scenario, at most (default 40)",
         .heading = "How it is measured"},
    Flag{.name = "budget", .value = "TIME", .help = "of the whole, but for confirmations (default 180s)"},
    Flag{.name = "block",
         .value = "TIME",
         .help = "that the work of a block takes the base, about (default 150ms)"},
    Flag{.name = "warmup", .value = "TIME", .help = "checked but not measured (default 100ms)"},
    Flag{.name = "timeout", .value = "TIME", .help = "a block that takes longer hangs (default 60s)"},
    Flag{.name = "foreign-limit",
         .value = "PCT",
         .help = "as in crosstalk run: pairs beyond it are measured again"},
    Flag{.name = "seed",
         .value = "N",
         .help = "of the traces and of all that is drawn (default: by the clock, printed)"},
    Flag{
        .name = "out",
        .value = "DIR",
        .help =
            "folder for pairs.csv, gate.csv, counts.csv, gate.json, junit.xml, summary.md and the results of both sides "
            "(default results/gate-<date>-<time>)",
        .heading = "Results"},
    Flag{
        .name = "history",
        .value = "FILE",
        .help =
            "also append a row for each scenario and metric to FILE, a CSV file that outlives the gates: --base is the "
            "anchor of it, a build that stays the same for months (crosstalk report --history FILE)"},
    Flag{.name = "format",
         .value = "table|markdown|csv|json|junit",
         .help = "of what is printed (default table); all of them stand in --out"},
    Flag{.name = "quiet", .value = "", .help = "no progress line"},
};

std::string gate_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[40];
  std::strftime(stamp, sizeof stamp, "results/gate-%Y%m%d-%H%M%S", &local);
  return stamp;
}

std::vector<std::filesystem::path> programs_of(const Settings& settings, std::string_view flag) {
  const Given* given = settings.find(flag);
  if (given == nullptr || given->text.empty())
    throw UsageError("--" + std::string(flag) + ": must be given, a crosstalk program");
  std::vector<std::filesystem::path> programs;
  for (const std::string& name : Settings::convert<std::vector<std::string>>(*given, parse_names)) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(name, ignored))
      throw UsageError(given->origin + ": no such program: " + shown(name));
    programs.push_back(std::filesystem::absolute(name));
  }
  if (programs.size() > kMostLinks)
    throw UsageError(given->origin + ": must be at most " + std::to_string(kMostLinks) + " links, got " +
                     std::to_string(programs.size()));
  return programs;
}

std::filesystem::path folder_of(const Settings& settings, std::string_view flag) {
  const Given* given = settings.find(flag);
  if (given == nullptr) throw UsageError("--" + std::string(flag) + ": must be given, a results folder");
  std::error_code ignored;
  if (!std::filesystem::is_directory(given->text, ignored))
    throw UsageError(given->origin + ": no such folder: " + shown(given->text));
  return given->text;
}

template <class Number>
std::optional<Number> whole_of(const Settings& settings, std::string_view flag, WholeBounds bounds) {
  if (!settings.has(flag)) return std::nullopt;
  return static_cast<Number>(
      settings.get<std::uint64_t>(flag, 0, [bounds](std::string_view t) { return parse_whole(t, bounds); }));
}

std::uint64_t duration_of(const Settings& settings, std::string_view flag, std::uint64_t otherwise,
                          WholeBounds bounds) {
  return settings.get<std::uint64_t>(flag, otherwise,
                                     [bounds](std::string_view t) { return parse_duration_ns(t, bounds); });
}

// Results, verdicts and waivers are found by name.
void require_names_apart(const std::vector<Contest>& contests) {
  for (std::size_t i = 0; i < contests.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (BlockRunner::file_name(contests[k].name) != BlockRunner::file_name(contests[i].name)) continue;
      throw UsageError("--scenarios: " + shown(contests[k].scenario) + " and " + shown(contests[i].scenario) +
                       " would both be called " + shown(contests[i].name) + "; name them apart");
    }
  }
}

std::vector<Contest> contests_of(const Settings& settings) {
  if (!settings.has("scenarios")) {
    settings.needs("strategy", "scenarios of run");
    settings.needs("threads", "scenarios of run");
  }
  const auto clients = whole_of<unsigned>(settings, "clients", kClientsBounds);
  const auto threads = whole_of<unsigned>(settings, "threads", kThreadsBounds).value_or(1);
  const auto strategies =
      settings.get<std::vector<std::string>>("strategy", {"sharded/std_mutex"}, parse_names);
  std::vector<std::string> names;
  for (const Contest& contest : gating_contests()) names.push_back(contest.name);
  names = settings.get<std::vector<std::string>>("scenarios", names, parse_names);
  std::vector<Contest> contests;
  for (const std::string& name : names) {
    if (const Contest* known = gating_contest(name)) {
      contests.push_back(*known);
      if (clients) contests.back().clients = clients;
      continue;
    }
    const std::string stem = printable(std::filesystem::path(name).stem().string());
    for (const std::string& strategy : strategies) {
      std::string contest = stem;
      if (strategies.size() > 1) contest.append(" ").append(strategy);
      contests.push_back({.name = std::move(contest),
                          .scenario = name,
                          .strategy = strategy,
                          .threads = threads,
                          .clients = clients});
    }
  }
  require_names_apart(contests);
  return contests;
}

Metrics metrics_of(const Settings& settings) {
  const Given* file = settings.find("limits");
  Metrics metrics = file != nullptr ? read_limits(file->text) : all_metrics();
  const Given* given = settings.find("metrics");
  if (given == nullptr) return metrics;
  const auto names = Settings::convert<std::vector<std::string>>(*given, parse_names);
  for (const std::string& name : names) {
    if (!is_metric(name))
      throw UsageError(given->origin + ": unknown metric " + shown(name) + " (there are: " + metric_names() +
                       ")");
  }
  std::erase_if(metrics, [&](const reports::GateMetric& metric) {
    return std::find(names.begin(), names.end(), metric.name) == names.end();
  });
  return metrics;
}

void take_measuring(GateOptions& options, const Settings& settings) {
  options.pairs = whole_of<std::uint64_t>(settings, "pairs", kRepetitionsBounds).value_or(40);
  options.budget_ns = duration_of(settings, "budget", 180 * kSecondNs, kBudgetBounds);
  options.block_ns = duration_of(settings, "block", 3 * kSecondNs / 20, kBlockBounds);
  options.warmup_ns = duration_of(settings, "warmup", kSecondNs / 10, kWarmupBounds);
  options.timeout_ns = duration_of(settings, "timeout", 60 * kSecondNs, kTimeoutBounds);
  if (settings.has("foreign-limit")) {
    const auto limit = [](std::string_view t) { return parse_real(t, kForeignLimitBounds); };
    options.foreign_limit = format_real(settings.get<double>("foreign-limit", 0, limit));
  }
  options.seed_was_chosen = !settings.has("seed");
  const auto by_clock =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1'000'000'000;
  options.seed = whole_of<std::uint64_t>(settings, "seed", kSeedBounds).value_or(by_clock);
}

std::filesystem::path history_of(const Settings& settings) {
  const Given* given = settings.find("history");
  if (given == nullptr) return {};
  if (given->text.empty()) throw UsageError(given->origin + ": must be a file");
  if (settings.has("inject"))
    throw UsageError(given->origin +
                     ": cannot be combined with --inject, whose loss would stand in it for good");
  return given->text;
}

// What only programs can be asked for means nothing beside folders.
void take_sides(GateOptions& options, const Settings& settings) {
  if (settings.has("baseline") || settings.has("candidate")) {
    for (const char* flag :
         {"base", "head", "scenarios", "strategy", "threads", "clients", "instructions", "no-count", "budget",
          "block", "warmup", "timeout", "foreign-limit", "pairs", "inject", "history"}) {
      if (const Given* given = settings.find(flag))
        throw UsageError(given->origin + ": means nothing beside --baseline and --candidate");
    }
    options.baseline = folder_of(settings, "baseline");
    options.candidate = folder_of(settings, "candidate");
    return;
  }
  options.base = programs_of(settings, "base");
  options.head = programs_of(settings, "head");
  options.contests = contests_of(settings);
  options.instructions = settings.on("instructions");
  options.count = !settings.on("no-count");
}

// Metrics that are timed and the one that is not go ways of their own.
void take_metrics(GateOptions& options, const Settings& settings, const Environment& environment) {
  options.metrics = metrics_of(settings);
  const auto exact = std::find_if(options.metrics.begin(), options.metrics.end(),
                                  [](const reports::GateMetric& each) { return each.name == kInstructions; });
  if (settings.has("metrics") && exact != options.metrics.end()) {
    if (options.judges_folders())
      throw UsageError("--metrics: instructions are counted of programs, not read from results folders");
    options.exact = *exact;
    options.instructions = true;
  }
  if (exact != options.metrics.end()) {
    options.instruction_margin = exact->margin;
    options.metrics.erase(exact);
  }
  const char* flag = options.exact ? "--metrics: instructions" : "--instructions:";
  const auto path = environment.find("PATH");
  if (options.instructions && find_valgrind(path == environment.end() ? "" : path->second).empty()) {
    throw UsageError(std::string(flag) +
                     " needs valgrind, which is not in PATH (Debian: apt-get install valgrind)");
  }
  if (!options.metrics.empty()) return;
  const auto is_other = [](const Contest& contest) { return !contest.is_solo(); };
  if (std::all_of(options.contests.begin(), options.contests.end(), is_other)) {
    throw UsageError(
        "--metrics: instructions are counted of scenarios with one driver on the direct path, and none of "
        "--scenarios is one");
  }
  // Those that nobody named are not missed.
  if (!settings.has("scenarios")) std::erase_if(options.contests, is_other);
}

void take_injection(GateOptions& options, const Settings& settings) {
  const Given* given = settings.find("inject");
  if (given == nullptr) return;
  options.injection = Settings::convert<Injection>(*given, parse_injection);
  if (options.metrics.empty() && options.injection.total_pct > 0)
    throw UsageError(given->origin +
                     ": total= works by the clock, which instructions do not show; lock= or map=");
  std::string obstacles;
  for (const Contest& contest : options.contests) {
    const std::string obstacle = obstacle_of(options.injection, contest);
    if (obstacle.empty()) return;
    obstacles += (obstacles.empty() ? "" : "; ") + contest.name + ": " + obstacle;
  }
  throw UsageError(given->origin + ": nothing that is measured can be slowed down by " + shown(given->text) +
                   " (" + obstacles + ")");
}

}  // namespace

GateOptions parse_gate(const std::vector<std::string>& arguments, const Environment& environment) {
  Settings settings;
  read_arguments(settings, kGateFlags, arguments);
  GateOptions options;
  take_sides(options, settings);
  take_metrics(options, settings, environment);
  if (const Given* file = settings.find("waivers")) options.waivers = read_waivers(file->text, today_utc());
  constexpr std::array<std::string_view, 2> kPolicies{"fail", "pass"};
  options.undecided = settings.get<reports::UndecidedPolicy>(
      "undecided", reports::UndecidedPolicy::fail,
      [&](std::string_view t) { return parse_choice<reports::UndecidedPolicy>(t, kPolicies); });
  take_measuring(options, settings);
  take_injection(options, settings);
  options.out = settings.text("out", gate_folder());
  options.history = history_of(settings);
  options.format = settings.get<GateFormat>("format", GateFormat::table, [](std::string_view t) {
    return parse_choice<GateFormat>(t, kGateFormatWords);
  });
  options.quiet = settings.on("quiet");
  options.progress = Progress::on_terminal(environment, options.quiet);
  return options;
}

std::string gate_help() {
  return "usage: crosstalk gate --base PROGRAM --head PROGRAM [flags]\n"
         "       crosstalk gate --baseline DIR --candidate DIR [flags]\n\n" +
         wrapped(
             "Is the new version worse than the old one? Runs both programs in pairs of blocks, each a fresh process "
             "that does the same work on the same trace, in random order within a pair, scenarios in turn, with "
             "environment, heap, processors and link drawn anew each time. It stops as soon as it knows.",
             0) +
         "\n\n" +
         wrapped(
             "regressed: worse than the margin by an exact randomisation test, at 1 % for the whole gate over all "
             "looks, and again on fresh pairs. improved: its mirror. unchanged: shown to have lost less than the "
             "budget. undecided: neither, when the time was over (of scenarios with contention that does not count where there are others). contaminated: the machine was not quiet, or a second "
             "copy of the base differed from it.",
             0) +
         "\n\n" + describe_flags(kGateFlags) + "\n" +
         wrapped(
             "Exit codes: 0 nothing regressed and everything is known; 1 regressed; 2 usage; 3 a law was broken; 4 "
             "contaminated, or a build unfit for measuring; 5 undecided; 6 not comparable: other traces, plans, files "
             "or machines; 7 results could not be written; 8 a program crashed, hung or is not crosstalk.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness::gate
