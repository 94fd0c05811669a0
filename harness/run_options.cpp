#include "harness/run_options.h"

#include <algorithm>
#include <ctime>

#include "harness/between_options.h"
#include "harness/choices.h"
#include "harness/command_text.h"
#include "harness/limits.h"
#include "harness/placement.h"
#include "harness/probing_options.h"
#include "harness/run_flags.h"
#include "harness/strategy_choice.h"
#include "harness/threshold_table.h"
#include "harness/workload_options.h"
#include "reports/status.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kTenMinutesNs = 600 * kSecondNs;

unsigned usable_cpus() {
  return std::max(1U, static_cast<unsigned>(usable_processors().size()));
}

// Cut where no time-out could follow: a file may claim centuries.
std::uint64_t plannable_ns(double ns) {
  return static_cast<std::uint64_t>(std::min(ns, static_cast<double>(kTimeoutBounds.high)));
}

std::string results_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "results/%Y%m%d-%H%M%S", &local);
  return stamp;
}

class RunParser {
 public:
  RunParser(const Catalog& catalog, const std::vector<std::string>& arguments, const Environment& environment,
            const RunCommand& command)
      : catalog_(catalog) {
    options_.command = command_text(command.name, arguments);
    std::vector<Flag> flags(run_flags().begin(), run_flags().end());
    flags.insert(flags.end(), command.more.begin(), command.more.end());
    read_arguments(settings_, flags, arguments);
    read_environment(settings_, flags, flags, environment);
    read_config(settings_, flags);
    for (const Flag& flag : command.more) {
      if (const Given* given = settings_.find(flag.name)) options_.more.push_back(*given);
    }
    for (const std::string& flag : command.taken) {
      if (const Given* given = settings_.find(flag)) options_.more.push_back(*given);
      settings_.remove(flag);
    }
    obey(command);
    options_.progress = Progress::on_terminal(environment, settings_.on("quiet"));
  }

  RunOptions parse() {
    read_output();
    if (!options_.plan.empty() && !options_.dry_run) {
      refuse_shaping();
    } else {
      settings_.needs("row", "--plan FILE without --dry-run");
      read_input();
      read_path();
      read_times();
      read_rest();
      read_strategies();
      check_size();
    }
    options_.thresholds = read_thresholds(settings_, options_.request.strategies);
    options_.notes = settings_.notes();
    return std::move(options_);
  }

 private:
  void obey(const RunCommand& command) {
    for (const std::string& flag : command.own) {
      if (const Given* given = settings_.find(flag)) {
        throw UsageError(given->origin + ": " + command.name + " decides this itself; see crosstalk run");
      }
    }
    options_.check_plugged_in = !settings_.on("no-check");
    options_.reference_ops = whole("reference-ops", options_.reference_ops, {0, kReferenceOpsLimit});
    options_.repetitions_were_chosen = settings_.has("repetitions");
    options_.length_was_chosen = settings_.has("duration") || settings_.has("ops") || settings_.has("warmup");
    const auto given = [&](const std::string& flag) {
      const Given* found = settings_.find(flag);
      return found != nullptr && found->layer != Layer::command;
    };
    for (const auto& [flag, text, instead] : command.defaults) {
      if (std::any_of(instead.begin(), instead.end(), given)) continue;
      settings_.add({.flag = flag, .text = text, .layer = Layer::command, .origin = "--" + flag});
    }
  }

  [[nodiscard]] std::uint64_t whole(std::string_view flag, std::uint64_t otherwise,
                                    WholeBounds bounds) const {
    return settings_.get<std::uint64_t>(flag, otherwise,
                                        [bounds](std::string_view t) { return parse_whole(t, bounds); });
  }
  [[nodiscard]] unsigned count(std::string_view flag, std::uint64_t otherwise, WholeBounds bounds) const {
    return static_cast<unsigned>(whole(flag, otherwise, bounds));
  }
  [[nodiscard]] std::uint64_t duration(std::string_view flag, std::uint64_t otherwise,
                                       WholeBounds bounds) const {
    return settings_.get<std::uint64_t>(
        flag, otherwise, [bounds](std::string_view t) { return parse_duration_ns(t, bounds); });
  }
  template <class Choice, std::size_t n>
  [[nodiscard]] Choice choice(std::string_view flag, Choice otherwise,
                              const std::array<std::string_view, n>& words) const {
    return settings_.get<Choice>(flag, otherwise,
                                 [&words](std::string_view t) { return parse_choice<Choice>(t, words); });
  }
  [[nodiscard]] std::string origin(std::string_view flag) const {
    const Given* given = settings_.find(flag);
    return given == nullptr ? "--" + std::string(flag) : given->origin;
  }

  void read_output() {
    options_.plan = settings_.text("plan", "");
    options_.dry_run = settings_.on("dry-run");
    options_.quiet = settings_.on("quiet");
    options_.format = choice("format", Format::table, kFormatWords);
    options_.out = settings_.has("out") ? settings_.text("out", "") : results_folder();
    options_.live = settings_.text("live", "");
    if (settings_.has("row")) options_.row = whole("row", 0, {0, kPlanLimit - 1});
  }

  // A stored plan says already what is measured.
  void refuse_shaping() {
    const std::vector<Given> all = settings_.all();
    for (const Given& given : all) {
      if (run_flag(given.flag).shapes_plan) settings_.rule_out(given.flag, "plan");
    }
  }

  void read_input() {
    const WorkloadOptions workload = read_workload(settings_, Reading::again);
    options_.scenario = workload.scenario;
    options_.seed_was_chosen = workload.seed_was_chosen;
    options_.request.clients = workload.clients;
    options_.request.rates = workload.rates;
    PlanRow& base = options_.request.base;
    base.scenario = workload.scenario_name;
    base.settings = workload.settings;
    base.trace = workload.trace;
    base.time_scale = workload.time_scale;
    base.lurkers = workload.lurkers;
    base.load = workload.load;
    base.stages = workload.stages;
    base.envelope = workload.envelope;
    base.think = workload.think;
    profile_ns_ = workload.profile_ns;
    base.seed = workload.seed;
  }
  [[nodiscard]] bool is_replay() const noexcept { return !options_.request.base.trace.empty(); }
  [[nodiscard]] bool is_closed() const noexcept { return options_.request.base.load == LoadModel::closed; }

  void read_path() {
    PlanRow& base = options_.request.base;
    base.path = choice("path", Path::direct, kPathWords);
    base.dispatch = choice("dispatch", pool::Dispatch::inlined, kDispatchWords);
    base.store = choice("store", StoreKind::memory, kStoreWords);
    const bool pooled = base.path == Path::pooled;
    for (const char* flag : {"inflight", "queue-policy", "pool"}) {
      if (pooled) break;
      settings_.rule_out(flag, "path");
      settings_.needs(flag, "--path pooled");
    }
    if (!base.has_workers()) {
      settings_.rule_out("workers", "path");
      settings_.rule_out("workers", "dispatch");
      settings_.needs("workers", "--path pooled or --dispatch pooled");
    }
    // More drivers than clients would stand idle.
    const auto clients = is_replay() ? kClientsBounds.high : std::ranges::min(options_.request.clients);
    const std::uint64_t drivers = std::min({std::uint64_t{usable_cpus()}, kThreadsBounds.high, clients});
    const auto threads = settings_.get<std::vector<std::uint64_t>>(
        "threads", {pooled ? 1 : drivers},
        [](std::string_view t) { return parse_wholes(t, kThreadsBounds); });
    if (std::ranges::max(threads) > clients) {
      throw UsageError(origin("threads") + ": must be at most the number of clients (" +
                       std::to_string(clients) + "), got " + std::to_string(std::ranges::max(threads)));
    }
    for (const std::uint64_t n : threads) options_.request.threads.push_back(static_cast<unsigned>(n));
    const std::uint64_t most = std::ranges::max(threads);
    const std::uint64_t left = usable_cpus() > most ? usable_cpus() - most : 1;
    if (base.has_workers())
      base.workers = count("workers", std::min(left, kThreadsBounds.high), kThreadsBounds);
    if (!pooled) return;
    const PoolKind& pool = *settings_.get<const PoolKind*>(
        "pool", &catalog_.pools().front(), [this](std::string_view t) { return &pool_named(catalog_, t); });
    base.pool = pool.name;
    if (!pool.bounded && settings_.has("queue-policy")) {
      throw UsageError(origin("queue-policy") + ": the queue of --pool " + pool.name + " has no limit");
    }
    base.queue_policy = choice("queue-policy", pool::QueuePolicy::block, kQueuePolicyWords);
    if (is_closed() && base.think.empty()) {
      base.inflight = count("inflight", std::max(std::uint64_t{4} * base.workers, most), kInflightBounds);
      if (base.inflight < most) {
        throw UsageError(origin("inflight") + ": must be at least the number of drivers (" +
                         std::to_string(most) + "), got " + std::to_string(base.inflight));
      }
    } else {
      settings_.rule_out("inflight", is_closed() ? "think" : "load");
      settings_.needs("inflight", "--load closed");
    }
  }

  void read_times() {
    settings_.exclusive("ops", "duration");
    if (is_replay()) {
      settings_.rule_out("ops", "trace");
      settings_.exclusive("time-scale", "duration");
      if (is_closed()) settings_.rule_out("duration", "load");
      if (!settings_.has("time-scale")) options_.request.base.time_scale = 0;  // it gave way
    }
    if (profile_ns_ > 0) fit_profile();
    PlanRow& base = options_.request.base;
    base.operations = whole("ops", 0, kOperationsBounds);
    // A closed replay ends with its trace, and one at a given time scale lasts as long as that says.
    const bool timed =
        base.operations == 0 && (base.time_scale == 0 || !is_replay()) && !(is_replay() && is_closed());
    if (profile_ns_ == 0)
      base.duration_ns = timed ? duration("duration", 10 * kSecondNs, kDurationBounds) : 0;
    const std::uint64_t warmup = is_replay() ? 0
                                 : timed     ? std::min(kSecondNs, base.duration_ns / 5)
                                             : kSecondNs;
    read_warmup(warmup);
    std::uint64_t length = base.duration_ns;
    const double lowest_ops_s = std::ranges::min(options_.request.rates);
    if (lowest_ops_s > 0) length += plannable_ns(1e9 * static_cast<double>(base.operations) / lowest_ops_s);
    if (is_replay()) {
      const std::uint64_t span = trace_span_ns();
      if (base.time_scale > 0) length = plannable_ns(static_cast<double>(span) / base.time_scale);
      if (is_closed()) base.time_scale = 1;  // the instants only give the order
      if (base.load == LoadModel::trace && base.warmup_ns > 0 && base.warmup_ns >= length) {
        throw UsageError(origin("warmup") + ": must be below the length of the replay (" +
                         format_duration(length) + "), got " + format_duration(base.warmup_ns));
      }
    }
    // Work that must be done takes as long as it takes.
    const bool open_end = base.operations > 0 || (is_replay() && is_closed());
    const std::uint64_t planned = base.warmup_ns + length;
    read_timeout(planned, std::max(open_end ? kTenMinutesNs : 0, 30 * kSecondNs + 5 * planned));
  }

  // Stages say how long they take; an envelope is fitted into the duration, or divided by the time scale.
  void fit_profile() {
    PlanRow& base = options_.request.base;
    const char* flag = base.stages.empty() ? "envelope" : "stages";
    settings_.rule_out("ops", flag);
    double length_ns = profile_ns_;
    if (base.stages.empty()) {
      settings_.exclusive("time-scale", "duration");
      const auto whole_ns = duration("duration", 10 * kSecondNs, kDurationBounds);
      if (!settings_.has("time-scale")) base.time_scale = profile_ns_ / static_cast<double>(whole_ns);
      length_ns = profile_ns_ / base.time_scale;
      if (!settings_.has("rate")) options_.request.rates.front() *= base.time_scale;
    } else {
      settings_.rule_out("duration", flag);
    }
    const std::string of = origin(flag);
    if (length_ns < static_cast<double>(kDurationBounds.low) ||
        length_ns > static_cast<double>(kDurationBounds.high)) {
      throw UsageError(of + ": must last between " + format_duration(kDurationBounds.low) + " and " +
                       format_duration(kDurationBounds.high) + ", got " + format_real(length_ns * 1e-9) +
                       "s");
    }
    base.duration_ns = static_cast<std::uint64_t>(length_ns);
    for (const double rate : options_.request.rates) {
      if (rate >= kRateBounds.low && rate <= kRateBounds.high) continue;
      throw UsageError(of + ": the mean rate must be between " + format_real(kRateBounds.low) + " and " +
                       format_real(kRateBounds.high) + " operations a second, got " + format_real(rate));
    }
  }

  // "steady", "steady:10s" or a time.
  void read_warmup(std::uint64_t otherwise) {
    constexpr std::string_view kSteady = "steady";
    constexpr std::uint64_t kLongestNs = 30 * kSecondNs;
    PlanRow& base = options_.request.base;
    base.warmup_ns = settings_.get<std::uint64_t>("warmup", otherwise, [&](std::string_view text) {
      base.steady = text.starts_with(kSteady);
      if (!base.steady) return parse_duration_ns(text, kWarmupBounds);
      text.remove_prefix(kSteady.size());
      if (text.empty()) return kLongestNs;
      if (text.front() != ':') throw ValueError("must be a time, steady or steady:TIME, got " + shown(text));
      return parse_duration_ns(text.substr(1), {kSecondNs / 10, kWarmupBounds.high});
    });
    if (base.steady && (is_replay() || base.has_profile()))
      throw UsageError(origin("warmup") + ": steady means nothing where the load changes by itself");
    if (base.steady && settings_.on("no-latency"))
      throw UsageError(origin("warmup") + ": steady needs latency");
  }

  void read_timeout(std::uint64_t planned, std::uint64_t otherwise) {
    PlanRow& base = options_.request.base;
    base.timeout_ns = duration("timeout", std::min(otherwise, kTimeoutBounds.high), kTimeoutBounds);
    if (base.timeout_ns <= planned) {
      throw UsageError(origin("timeout") + ": must be above the length of a trial (" +
                       format_duration(planned) + "), got " + format_duration(base.timeout_ns));
    }
  }

  [[nodiscard]] std::uint64_t trace_span_ns() const {
    const auto rows = workloads::read_trace_csv(options_.request.base.trace).rows;
    return rows.back().time_ns - rows.front().time_ns;
  }

  void read_rest() {
    PlanRow& base = options_.request.base;
    options_.request.repetitions = whole("repetitions", 1, kRepetitionsBounds);
    base.counter = choice("counter", pool::CounterKind::locked, kCounterWords);
    base.foreign_limit_pct =
        settings_.get<double>("foreign-limit", reports::kForeignLimitPct, [](std::string_view t) {
          return parse_real(t.ends_with('%') ? t.substr(0, t.size() - 1) : t, kForeignLimitBounds);
        });
    base.sleeps = choice<std::size_t>("pace", 0, kPaceWords) == 1;
    base.arena = choice<std::size_t>("allocator", 0, kAllocatorWords) == 0;
    base.pin = choice("pin", Pin::spread, kPinWords);
    base.checks = choice("checks", Checks::live, kChecksWords);
    base.latency = !settings_.on("no-latency");
    // Only a driver that calls the server itself, back to back, needs no clock for its own work.
    if (!base.latency && base.path != Path::direct) {
      throw UsageError(origin("no-latency") + ": needs --path direct");
    }
    if (!base.latency && !is_closed()) throw UsageError(origin("no-latency") + ": needs --load closed");
    if (!base.latency && !base.think.empty()) settings_.exclusive("no-latency", "think");
    read_between(settings_, base);
    read_probing(settings_, base);
  }

  void read_strategies() {
    PlanRequest& request = options_.request;
    // A caller that runs what the queue has no room for is one thread more in the server.
    const bool caller_runs =
        request.base.path == Path::pooled && request.base.queue_policy == pool::QueuePolicy::caller_runs;
    const unsigned workers = request.base.path == Path::pooled ? request.base.workers : 0;
    const StrategyNeeds needs{
        .concurrency = std::max(std::ranges::max(request.threads), workers + (caller_runs ? 1 : 0)),
        .composed =
            request.base.dispatch != pool::Dispatch::inlined || request.base.store != StoreKind::memory};
    const auto choose = [&](std::string_view text) {
      return choose_strategies(catalog_, parse_names(text), needs);
    };
    const Given* given = settings_.find("strategy");
    const Given otherwise{"strategy", "coarse/*,sharded/*", Layer::arguments, "--strategy"};
    const auto chosen = Settings::convert<StrategyChoice>(given == nullptr ? otherwise : *given, choose);
    request.strategies = chosen.names;
    for (const std::string& note : chosen.notes) settings_.note(note);
    request.with_floor = catalog_.find("null/null") != nullptr;
  }

  void check_size() const {
    const PlanRequest& request = options_.request;
    // No factor is above 10,001, so five of them may pass 2^64 but not the range of a double.
    const double trials =
        static_cast<double>(request.strategies.size() + 1) * static_cast<double>(request.clients.size()) *
        static_cast<double>(request.threads.size()) * static_cast<double>(request.rates.size()) *
        static_cast<double>(request.repetitions);
    if (trials > static_cast<double>(kPlanLimit)) {
      throw UsageError("--strategy x --clients x --threads x --rate x --repetitions: must be at most " +
                       std::to_string(kPlanLimit) + " trials, got " + format_real(trials));
    }
  }

  const Catalog& catalog_;
  Settings settings_;
  RunOptions options_;
  double profile_ns_ = 0;  // of stages or envelope
};

}  // namespace

const Given* RunOptions::given(std::string_view flag) const {
  const auto found =
      std::find_if(more.begin(), more.end(), [flag](const Given& each) { return each.flag == flag; });
  return found == more.end() ? nullptr : &*found;
}

RunOptions parse_run(const Catalog& catalog, const std::vector<std::string>& arguments,
                     const Environment& environment, const RunCommand& command) {
  return RunParser(catalog, arguments, environment, command).parse();
}

std::set<std::string> program_keys() {
  return scenario_keys_of(run_flags());
}

}  // namespace crosstalk::harness
