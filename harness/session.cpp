#include "harness/session.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "harness/child.h"
#include "harness/mix.h"
#include "harness/outside_work.h"
#include "harness/results.h"
#include "harness/scratch_folder.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {

namespace {

constexpr std::size_t kQueueCapacity = 1024;
constexpr std::uint64_t kLargestPad = 1U << 20;

// What makes a null row the floor of another row.
std::string configuration_of(const PlanRow& row) {
  std::ostringstream text;
  text.precision(17);
  text << row.scenario << '\n'
       << row.settings << '\n'
       << row.trace << '\n'
       << to_string(row.path) << ' ' << row.clients << ' ' << row.threads << ' ' << row.workers << ' '
       << to_string(row.load) << ' ' << row.rate_ops_s << ' ' << row.time_scale << '\n'
       << row.stages << '\n'
       << row.envelope << '\n'
       << row.think << ' ' << row.anatomy << row.sleeps << ' ' << row.outside_ns << ' '
       << repeat_text(row.repeat);
  return text.str();
}

// Slices of the measured phase: as many as the report holds, but none below 10 ms.
std::uint64_t interval_of(const PlanRow& row, const workloads::Trace& trace) {
  constexpr std::uint64_t kShortestNs = 10'000'000;
  constexpr std::uint64_t kUnknownNs = 25'000'000;  // the phase ends with the work, whenever that is
  std::uint64_t total_ns = row.duration_ns;
  if (row.load == LoadModel::trace) total_ns = static_cast<std::uint64_t>(trace.lap_ns) + 1;
  if (row.operations > 0 || total_ns == 0) return kUnknownNs;
  return std::max(kShortestNs, total_ns / kIntervals + 1);
}

// Whether a trial is so long that what it costs to learn the cost of its checks does not matter.
bool is_worth_costing(const PlanRow& row) {
  constexpr std::uint64_t kShortestNs = 1'000'000'000;
  return row.checks == Checks::live && (row.duration_ns == 0 || row.duration_ns >= kShortestNs) &&
         row.operations == 0;
}

// Looking at a trial costs it some processor time a slice, and slices of short trials are short.
bool is_watchable(const PlanRow& row) {
  constexpr std::uint64_t kShortestNs = 1'000'000'000;
  return row.duration_ns == 0 || row.warmup_ns + row.duration_ns >= kShortestNs;
}

}  // namespace

Session::Session(const Catalog& catalog, std::string run_id, const Interrupt& interrupt,
                 std::filesystem::path folder, std::optional<Calibration> calibration,
                 std::uint64_t reference_ops)
    : catalog_(catalog),
      run_id_(std::move(run_id)),
      interrupt_(interrupt),
      folder_(std::move(folder)),
      calibration_(std::move(calibration)),
      clock_(Clock::calibrated()),
      processors_(usable_processors()),
      reference_(catalog.find("reference/none"), reference_ops) {}

std::optional<std::uint64_t> Session::lateness_limit_ns(const PlanRow& row, const Floor& floor) const {
  std::optional<std::uint64_t> alone;
  if (calibration_ && row.has_rate())
    alone = pacing_lateness_p99_ns(*calibration_, row.rate_ops_s / row.threads);
  if (!floor.lateness_p99_ns && !alone) return std::nullopt;
  return 2 * std::max(floor.lateness_p99_ns.value_or(0), alone.value_or(0));
}

CheckCost Session::check_cost(const Strategy& strategy, const PlanRow& row, const TrialInput& trial) {
  constexpr std::uint64_t kTimeoutNs = 30'000'000'000;
  if (strategy.floor || !is_worth_costing(row) || interrupted()) return {};
  const auto [known, is_new] = check_costs_.try_emplace({strategy.name, trial.trace->hash}, CheckCost());
  if (!is_new) return known->second;
  TrialInput input = trial;
  input.options.check_cost = true;
  input.driver_cpus = place(Pin::spread, processors_, 1, 0).drivers;
  const SharedReport report = make_shared_report();
  const std::string failure =
      run_in_child(strategy.trial, input, *report, std::min(row.timeout_ns, kTimeoutNs));
  if (failure.empty()) known->second = report->check_cost;
  return known->second;
}

count::OperationCounts Session::counts(const Strategy& strategy, const PlanRow& row,
                                       const TrialInput& trial) {
  if (!row.count || strategy.floor || interrupted()) return {};
  const std::string configuration = strategy.name + ' ' + std::string(to_string(row.path)) + ' ' +
                                    std::string(to_string(row.dispatch)) + ' ' +
                                    std::string(to_string(row.counter));
  const auto [known, is_new] =
      counts_.try_emplace({configuration, trial.trace->hash}, count::OperationCounts());
  if (!is_new) return known->second;
  TrialInput input = trial;
  input.options.count = true;
  const SharedReport report = make_shared_report();
  if (run_in_child(strategy.trial, input, *report, row.timeout_ns).empty()) known->second = report->counts;
  return known->second;
}

LockContention Session::contention(const Strategy& strategy, const PlanRow& row,
                                   const TrialInput& trial) const {
  constexpr std::uint64_t kWarmupNs = 50'000'000;
  constexpr std::uint64_t kSpanNs = 300'000'000;
  const bool alone = row.path == Path::pooled || row.threads == 1;
  if (!row.count || row.anatomy || strategy.floor || interrupted() || alone || !trial.trace->repeats)
    return {};
  TrialInput input = trial;
  TrialOptions& options = input.options;
  options.anatomy = options.latency = true;
  options.checks = Checks::off;
  options.steady = options.live = false;
  options.warmup_ns = kWarmupNs;
  options.duration_ns = kSpanNs;
  options.operations = 0;
  const SharedReport report = make_shared_report();
  if (!run_in_child(strategy.trial, input, *report, row.timeout_ns).empty()) return {};
  return report->contention;
}

TrialInput Session::input_of(const PlanRow& row, const PreparedTrace& trace,
                             const Placement& placement) const {
  TrialInput input;
  input.trace = &trace.trace;
  input.drivers = &trace.drivers;
  if (row.has_profile()) input.profile = &trace.profile;
  input.lap_rate_ops_s = row.rate_ops_s;
  input.clock = clock_;
  input.driver_cpus = placement.drivers;
  input.worker_cpus = placement.workers;
  input.stop = &interrupt_.stop();
  TrialOptions& options = input.options;
  options.path = row.path;
  options.open_loop = row.load != LoadModel::closed;
  if (!row.think.empty()) options.think = workloads::parse_think_time(row.think);
  options.seed = row.seed;
  options.outside_ns = row.outside_ns;
  options.repeat = row.repeat;
  input.outside_steps_per_ns = outside_steps_per_ns_;
  options.latency = row.latency;
  options.anatomy = row.anatomy;
  options.arena = row.arena;
  options.steady = row.steady;
  options.checks = row.checks;
  options.warmup_ns = row.warmup_ns;
  // A replay runs to its end, however long the server takes.
  options.duration_ns = trace.trace.repeats ? row.duration_ns : 0;
  options.operations = row.operations;
  options.interval_ns = interval_of(row, trace.trace);
  options.spin = !placement.oversubscribed && !row.sleeps;
  options.workers = row.workers;
  options.inflight = row.inflight;
  options.queue_capacity = kQueueCapacity;
  options.queue_policy = row.queue_policy;
  options.counter = row.counter;
  options.dispatch = row.dispatch;
  options.store = row.store;
  options.checkpoint_limit = reference_.limit(trace, options, row.threads);
  options.heap_pad_bytes = mix(row.seed, row.row) % kLargestPad;
  return input;
}

reports::RunResult Session::run(const PlanRow& row, const Watch& watch) {
  const Strategy* strategy = catalog_.find(row.strategy);
  if (strategy == nullptr) throw workloads::InputError("unknown strategy '" + row.strategy + "'");
  // A caller that runs what the queue has no room for calls the server beside the workers.
  const bool caller_runs = row.path == Path::pooled && row.queue_policy == pool::QueuePolicy::caller_runs;
  const unsigned callers = row.path == Path::pooled ? row.workers : row.threads;
  if (strategy->one_thread && (row.threads > 1 || callers > 1 || caller_runs)) {
    throw workloads::InputError("strategy '" + row.strategy + "' is for one thread; got " +
                                std::to_string(row.threads) + " drivers and " + std::to_string(row.workers) +
                                " workers" +
                                (caller_runs ? ", and drivers run what the queue has no room for" : ""));
  }
  const PoolKind* pool = row.path == Path::pooled ? catalog_.find_pool(row.pool) : nullptr;
  if (row.path == Path::pooled && pool == nullptr)
    throw workloads::InputError("unknown pool '" + row.pool + "'");
  const auto trace = traces_.get(row);
  const Placement placement = place(row.pin, processors_, row.threads, row.has_workers() ? row.workers : 0);
  // Once for all trials, so that they do the same work.
  if (row.outside_ns > 0 && outside_steps_per_ns_ == 0)
    outside_steps_per_ns_ = OutsideWork::steps_per_ns(clock_);
  TrialInput input = input_of(row, *trace, placement);
  if (pool != nullptr) input.make_pool = pool->make;
  std::optional<ScratchFolder> folder;
  if (row.store == StoreKind::sqlite && strategy->composed) {
    folder.emplace(folder_);
    input.folder = folder->path();
  }
  const SharedReport report = make_shared_report();
  TrialContext context;
  context.check_cost = check_cost(*strategy, row, input);
  context.counts = counts(*strategy, row, input);
  context.contention = contention(*strategy, row, input);
  ChildWatch look;
  if (watch && is_watchable(row)) look = [&] { watch(*report); };
  input.options.live = look != nullptr && row.latency;
  context.failure = run_in_child(strategy->trial, input, *report, row.timeout_ns, look);
  context.run_id = run_id_;
  context.scenario = trace->name;
  context.trace = &trace->trace;
  context.ns_per_tick = 1 / clock_.ticks_per_ns();
  context.oversubscribed = placement.oversubscribed;
  context.bounded_queue = pool != nullptr && pool->bounded;
  if (context.failure.empty() && !interrupted())
    context.disagreement = reference_.compare(*trace, input, *report);
  Floor& floor = floors_[configuration_of(row)];
  if (strategy->floor && context.failure.empty()) {
    floor.mean_ns = service_of_all(*report).mean();
    floor.lateness_p99_ns = lateness_of_all(*report).percentile(0.99);
  }
  if (floor.mean_ns > 0) {
    context.floor_mean_ns = floor.mean_ns;
  }
  context.lateness_limit_ns = lateness_limit_ns(row, floor);
  if (context.failure.empty() && row.latency && !report->interrupted) context.audit = audit(input, *report);
  return make_result(row, *strategy, *report, context);
}

}  // namespace crosstalk::harness
