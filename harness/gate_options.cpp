#include "harness/gate_options.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

#include "harness/limits.h"
#include "harness/settings.h"

namespace crosstalk::harness {

namespace {

constexpr std::array<std::string_view, 3> kGateMetrics{"throughput", "response_p99", "cpu_per_op"};

constexpr std::array kGateFlags{
    Flag{.name = "base", .value = "PROGRAM", .help = "crosstalk as it was", .heading = "What is compared"},
    Flag{.name = "head", .value = "PROGRAM", .help = "crosstalk as it is"},
    Flag{.name = "scenarios", .value = "LIST", .help = "scenarios, each a name or a file", .list = true},
    Flag{.name = "strategy",
         .value = "LIST",
         .help = "strategies (default coarse/std_mutex,sharded/std_mutex)",
         .list = true},
    Flag{.name = "metrics",
         .value = "LIST",
         .help = "what is judged: throughput, response_p99, cpu_per_op (default all three)",
         .list = true},
    Flag{.name = "margin",
         .value = "SHARE",
         .help = "how much worse throughput and processor time may be, 0 % to 100 % (default 5%)",
         .heading = "When it fails"},
    Flag{.name = "margin-p99", .value = "SHARE", .help = "the same of the response's p99 (default 25%)"},
    Flag{.name = "pairs",
         .value = "N",
         .help = "pairs of trials for each scenario and strategy, fixed beforehand (default 20)"},
    Flag{.name = "duration",
         .value = "TIME",
         .help = "of a trial (default 300ms)",
         .heading = "How it is measured"},
    Flag{.name = "warmup", .value = "TIME", .help = "checked but not measured (default 150ms)"},
    Flag{.name = "clients", .value = "N", .help = "simulated clients (default: as the scenario says)"},
    Flag{.name = "threads", .value = "N", .help = "drivers (default: as many as processors)"},
    Flag{.name = "foreign-limit", .value = "PCT", .help = "as in crosstalk run"},
    Flag{.name = "seed",
         .value = "N",
         .help = "of the traces and of the order (default: by the clock, printed)"},
    Flag{.name = "out",
         .value = "DIR",
         .help = "folder for the results of both, in base/ and head/ (default results/gate-<date>-<time>)",
         .heading = "Results"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
    Flag{.name = "quiet", .value = "", .help = "no progress line"},
};

double parse_margin(std::string_view text) {
  if (!text.ends_with('%')) return parse_real(text, {0, 1});
  return parse_real(text.substr(0, text.size() - 1), {0, 100}) / 100;
}

std::vector<std::string> parse_metrics(std::string_view text) {
  std::vector<std::string> names = parse_names(text);
  for (const std::string& name : names) static_cast<void>(parse_word(name, kGateMetrics));
  return names;
}

std::string gate_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[40];
  std::strftime(stamp, sizeof stamp, "results/gate-%Y%m%d-%H%M%S", &local);
  return stamp;
}

std::filesystem::path program_of(const Settings& settings, std::string_view flag) {
  const Given* given = settings.find(flag);
  if (given == nullptr || given->text.empty())
    throw UsageError("--" + std::string(flag) + ": must be given, a crosstalk program");
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(given->text, ignored))
    throw UsageError(given->origin + ": no such program: " + shown(given->text));
  return std::filesystem::absolute(given->text);
}

// What is handed on as it stands is checked all the same: the error should name this command's flag.
void hand_on(GateOptions& options, const Settings& settings) {
  const auto add = [&](std::string flag, std::string text) {
    options.plan_flags.push_back("--" + std::move(flag));
    options.plan_flags.push_back(std::move(text));
  };
  const auto duration = [](std::string_view t) { return parse_duration_ns(t, kDurationBounds); };
  const auto warmup = [](std::string_view t) { return parse_duration_ns(t, kWarmupBounds); };
  add("duration", format_duration(settings.get<std::uint64_t>("duration", 300'000'000, duration)));
  add("warmup", format_duration(settings.get<std::uint64_t>("warmup", 150'000'000, warmup)));
  const auto whole = [&](const char* flag, WholeBounds bounds) {
    if (!settings.has(flag)) return;
    add(flag, std::to_string(settings.get<std::uint64_t>(
                  flag, 0, [bounds](std::string_view t) { return parse_whole(t, bounds); })));
  };
  whole("clients", kClientsBounds);
  whole("threads", kThreadsBounds);
  if (settings.has("foreign-limit")) {
    const auto limit = [](std::string_view t) { return parse_real(t, kForeignLimitBounds); };
    add("foreign-limit", format_real(settings.get<double>("foreign-limit", 0, limit)));
  }
  add("strategy", settings.text("strategy", "coarse/std_mutex,sharded/std_mutex"));
}

}  // namespace

GateOptions parse_gate(const std::vector<std::string>& arguments, const Environment& environment) {
  Settings settings;
  read_arguments(settings, kGateFlags, arguments);
  GateOptions options;
  options.base = program_of(settings, "base");
  options.head = program_of(settings, "head");
  if (!settings.has("scenarios"))
    throw UsageError("--scenarios: must be given, such as --scenarios team,community");
  options.scenarios = settings.get<std::vector<std::string>>("scenarios", {}, parse_names);
  options.metrics = settings.get<std::vector<std::string>>(
      "metrics", {kGateMetrics.begin(), kGateMetrics.end()}, parse_metrics);
  options.margin = settings.get<double>("margin", 0.05, parse_margin);
  options.response_margin = settings.get<double>("margin-p99", 0.25, parse_margin);
  options.pairs = settings.get<std::uint64_t>(
      "pairs", 20, [](std::string_view t) { return parse_whole(t, kRepetitionsBounds); });
  options.seed_was_chosen = !settings.has("seed");
  const auto by_clock =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1'000'000'000;
  options.seed = settings.get<std::uint64_t>("seed", by_clock,
                                             [](std::string_view t) { return parse_whole(t, kSeedBounds); });
  hand_on(options, settings);
  options.out = settings.text("out", gate_folder());
  options.format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  options.quiet = settings.on("quiet");
  options.progress = Progress::on_terminal(environment, options.quiet);
  return options;
}

std::string gate_help() {
  return "usage: crosstalk gate --base PROGRAM --head PROGRAM --scenarios LIST [flags]\n\n" +
         wrapped(
             "Is the new version worse than the old one? Runs both programs in pairs, one fresh process each, in "
             "random order within a pair and with scenarios and strategies shuffled in every round, all closed loops "
             "over the same traces. The base makes the plans; both are asked by `run --plan FILE --row N`.",
             0) +
         "\n\n" +
         wrapped(
             "regressed: worse by more than the margin by the exact signed-rank test, adjusted over everything that "
             "is judged (Holm) at 1 %. improved: its mirror. held: the 95 % interval ends within the margin. "
             "undecided: neither; more --pairs help. Pairs of which a trial is not sound are left out.",
             0) +
         "\n\n" + describe_flags(kGateFlags) + "\n" +
         wrapped(
             "Exit codes: 0 nothing regressed and everything held; 1 regressed; 2 usage; 3 a law was broken; 4 too "
             "few sound pairs, or a build unfit for measuring; 5 undecided; 6 not comparable: the programs make "
             "different traces, or one does not understand the other's plan or files; 7 results could not be written; "
             "8 a program crashed or is not crosstalk.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
