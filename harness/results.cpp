#include "harness/results.h"

#include <algorithm>
#include <filesystem>

#include "reports/environment.h"
#include "reports/status.h"
#include "reports/steady_state.h"

namespace crosstalk::harness {

namespace {

using reports::OpResult;
using workloads::OpKind;

bool is_operation(std::size_t kind) {
  return static_cast<OpKind>(kind) != OpKind::receive && static_cast<OpKind>(kind) != OpKind::persist;
}

// The length of time over which the offered operations were due.
double offered_over_s(const PlanRow& row, const TrialReport& report, const workloads::Trace& trace) {
  if (report.interrupted) return report.measured_s;
  if (!trace.repeats) return (trace.lap_ns - static_cast<double>(row.warmup_ns)) * 1e-9;
  if (row.operations > 0 && row.rate_ops_s > 0) return static_cast<double>(row.operations) / row.rate_ops_s;
  return row.duration_ns > 0 ? static_cast<double>(row.duration_ns) * 1e-9 : report.measured_s;
}

struct Rates {
  double measured_s = 0;
  double offered_s = 0;
  bool open_loop = false;
  double ns_per_tick = 1;

  [[nodiscard]] double achieved(std::uint64_t count) const {
    return measured_s > 0 ? static_cast<double>(count) / measured_s : 0;
  }
  [[nodiscard]] std::optional<double> offered(std::uint64_t count) const {
    if (!open_loop || offered_s <= 0) return std::nullopt;
    return static_cast<double>(count) / offered_s;
  }
};

std::optional<reports::Anatomy> anatomy_of(const AnatomyReport& sums, double ns_per_tick) {
  if (sums.count == 0) return std::nullopt;
  const auto mean_ns = [&](TickSum ticks) {
    return static_cast<double>(ticks) * ns_per_tick / static_cast<double>(sums.count);
  };
  reports::Anatomy anatomy{.lateness_ns = mean_ns(sums.lateness),
                           .queue_ns = mean_ns(sums.queue),
                           .lock_wait_ns = mean_ns(sums.wait),
                           .lock_hold_ns = mean_ns(sums.hold)};
  anatomy.rest_ns = mean_ns(sums.total - sums.lateness - sums.queue - sums.wait - sums.hold);
  return anatomy;
}

std::optional<reports::OpCounts> counts_of(const count::KindCounts& sums, const count::OperationCounts& all,
                                           bool has_locks) {
  if (sums.operations == 0) return std::nullopt;
  const auto per_op = [&](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(sums.operations);
  };
  reports::OpCounts counts{.operations = sums.operations, .submits = per_op(sums.submits)};
  if (has_locks) counts.locks = per_op(sums.locks);
  if (has_locks) counts.shared_locks = per_op(sums.shared_locks);
  if (all.heap) counts.allocations = per_op(sums.allocations);
  if (all.heap) counts.allocated_bytes = per_op(sums.allocated_bytes);
  if (all.kernel) counts.wakeups = per_op(sums.wakes);
  return counts;
}

OpResult kind_row(std::string name, const KindReport& kind, const Rates& rates) {
  OpResult op;
  op.op = std::move(name);
  op.count = kind.count;
  op.errors = kind.errors;
  op.rejected = kind.rejected;
  op.late = kind.late;
  op.achieved_ops_s = rates.achieved(kind.count);
  op.offered_ops_s = rates.offered(kind.offered);
  op.service = kind.service;
  op.response = kind.response.empty() ? kind.service : kind.response;
  op.queue = kind.queue;
  op.lateness = kind.lateness;
  if (kind.gap_max_ns > 0) op.gap_max_ns = kind.gap_max_ns;
  op.anatomy = anatomy_of(kind.anatomy, rates.ns_per_tick);
  return op;
}

KindReport all_kinds(const TrialReport& report) {
  KindReport all;
  for (std::size_t i = 0; i < report.kinds.size(); ++i) {
    if (!is_operation(i)) continue;
    const KindReport& kind = report.kinds[i];
    all.count += kind.count;
    all.errors += kind.errors;
    all.rejected += kind.rejected;
    all.late += kind.late;
    all.offered += kind.offered;
    all.gap_max_ns = std::max(all.gap_max_ns, kind.gap_max_ns);
    all.service.merge(kind.service);
    all.response.merge(kind.response);
    all.queue.merge(kind.queue);
    all.lateness.merge(kind.lateness);
    all.anatomy += kind.anatomy;
  }
  return all;
}

void add_lock_times(reports::RunResult& result, const TrialReport& report, double ns_per_tick) {
  const auto ns = [&](std::uint64_t ticks) {
    return static_cast<std::uint64_t>(static_cast<double>(ticks) * ns_per_tick + 0.5);
  };
  result.lock_wait_max_ns = ns(report.locks.wait_ticks);
  result.writer_wait_max_ns = ns(report.locks.writer_wait_ticks);
  result.bypass_max = report.locks.bypass;
  const KindReport all = all_kinds(report);
  const double served_ns = all.service.mean() * static_cast<double>(all.anatomy.count);
  const double spent_ns = static_cast<double>(all.anatomy.sections) * report.section_cost_ticks * ns_per_tick;
  if (served_ns > spent_ns) result.anatomy_cost_pct = 100 * spent_ns / (served_ns - spent_ns);
}

std::optional<std::uint64_t> longest_gap_of_writers(const TrialReport& report) {
  std::uint64_t longest = 0;
  for (const OpKind kind :
       {OpKind::connect, OpKind::disconnect, OpKind::join, OpKind::leave, OpKind::move, OpKind::kick})
    longest = std::max(longest, report.kinds[static_cast<std::size_t>(kind)].gap_max_ns);
  if (longest == 0) return std::nullopt;
  return longest;
}

void add_deliveries(OpResult& op, const TrialReport& report, bool checked) {
  op.delivery_first = report.delivery_first;
  op.delivery_last = report.delivery_last;
  op.delivery_median = report.delivery_median;
  op.delivery_receive = report.delivery_receive;
  if (!checked || report.counting_only) return;
  const LawCounts& laws = report.laws;
  op.expected = laws.expected;
  op.delivered = laws.delivered;
  op.dropped = laws.dropped;
  op.discarded = laws.discarded;
  op.reach =
      laws.expected == 0 ? 1.0 : static_cast<double>(laws.delivered) / static_cast<double>(laws.expected);
  op.duplicates = laws.duplicates;
  op.inversions = laws.inversions;
}

std::vector<OpResult> op_rows(const PlanRow& row, const TrialReport& report, const Rates& rates,
                              bool checked) {
  std::vector<OpResult> rows{kind_row("all", all_kinds(report), rates)};
  add_deliveries(rows.front(), report, checked);
  if (row.latency) {
    rows.front().jain_clients = report.jain_clients;
    if (row.threads > 1) rows.front().jain_threads = report.jain_threads;
  }
  for (std::size_t i = 0; i < report.kinds.size(); ++i) {
    const KindReport& kind = report.kinds[i];
    if (kind.count + kind.offered + kind.rejected == 0) continue;
    rows.push_back(kind_row(std::string(to_string(static_cast<OpKind>(i))), kind, rates));
    if (!is_operation(i)) rows.back().offered_ops_s.reset();  // nobody asked for a number of receives
    if (static_cast<OpKind>(i) == OpKind::post) add_deliveries(rows.back(), report, checked);
  }
  return rows;
}

void add_intervals(std::vector<reports::Interval>& into, std::string_view phase,
                   const std::array<IntervalReport, kIntervals>& slices, std::uint64_t length_ns,
                   std::uint64_t total_ns, bool open_loop) {
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const std::uint64_t start_ns = i * length_ns;
    const bool last = i + 1 == slices.size() || start_ns + length_ns >= total_ns;
    if (start_ns >= total_ns) return;
    reports::Interval slice;
    slice.op = "all";
    slice.phase = phase;
    slice.start_ns = start_ns;
    slice.length_ns = last ? total_ns - start_ns : length_ns;
    // Where the series was too short for the phase, its last slice holds all the rest.
    for (std::size_t j = i; j < (last ? slices.size() : i + 1); ++j) {
      slice.completed += slices[j].completed;
      if (open_loop) slice.offered = slice.offered.value_or(0) + slices[j].offered;
    }
    slice.response_p50_ns = slices[i].response.percentile(0.5);
    slice.response_p99_ns = slices[i].response.percentile(0.99);
    if (!slices[i].response.empty()) slice.response_max_ns = slices[i].response.max();
    slice.lateness_p99_ns = slices[i].lateness.percentile(0.99);
    into.push_back(std::move(slice));
    if (last) return;
  }
}

// Of the throughput of all slices but the last of each phase, which may be shorter.
void add_steady_state(reports::RunResult& result, std::uint64_t warmup_ns) {
  std::vector<double> rates;
  std::vector<std::uint64_t> begins;
  for (std::size_t i = 0; i + 1 < result.intervals.size(); ++i) {
    const reports::Interval& slice = result.intervals[i];
    if (slice.phase != result.intervals[i + 1].phase) continue;
    rates.push_back(static_cast<double>(slice.completed) / static_cast<double>(slice.length_ns));
    begins.push_back(slice.start_ns + (slice.phase == "measure" ? warmup_ns : 0));
  }
  const auto steady = reports::find_steady_state(rates, {});
  if (!steady) return;
  result.steady_entered_ns = begins[steady->entered];
  if (steady->left) result.steady_left_ns = begins[*steady->left];
}

// Rows begin with that of all operations; the others follow the kinds.
void add_counts(std::vector<OpResult>& rows, const count::OperationCounts& counts, const Strategy& strategy) {
  // Locks that no probe watches, as those inside a concurrent map, are not none.
  const bool has_locks =
      strategy.lock_bytes > 0 || std::any_of(counts.kinds.begin(), counts.kinds.end(),
                                             [](const count::KindCounts& kind) { return kind.locks > 0; });
  count::KindCounts all;
  for (std::size_t i = 0; i < counts.kinds.size(); ++i) {
    const auto row = std::find_if(rows.begin(), rows.end(), [i](const OpResult& op) {
      return op.op == to_string(static_cast<OpKind>(i));
    });
    if (row != rows.end()) row->counts = counts_of(counts.kinds[i], counts, has_locks);
    if (is_operation(i)) all += counts.kinds[i];
  }
  rows.front().counts = counts_of(all, counts, has_locks);
}

std::optional<double> contended_pct(const LockContention& contention) {
  if (contention.acquisitions == 0) return std::nullopt;
  return 100 * static_cast<double>(contention.contended) / static_cast<double>(contention.acquisitions);
}

reports::TrialIdentity identity_of(const PlanRow& row, const Strategy& strategy,
                                   const TrialContext& context) {
  reports::TrialIdentity id;
  id.run_id = context.run_id;
  id.block = row.block;
  id.trial = row.row;
  id.repetition = row.repetition;
  id.role = row.floor ? "floor" : "";
  id.scenario = context.scenario;
  id.settings = row.settings;
  id.trace_hash = context.trace->hash;
  id.time_scale = context.trace->time_scale;
  id.seed = row.seed;
  id.strategy = row.strategy;
  id.path = to_string(row.path);
  if (row.path == Path::pooled) {
    id.pool = row.pool;
    if (context.bounded_queue) id.queue_policy = to_string(row.queue_policy);
  }
  id.workers = row.workers;
  // The floor belongs to the configuration that it is the floor of.
  const bool as_asked = strategy.composed || strategy.floor;
  id.dispatch = to_string(as_asked ? row.dispatch : pool::Dispatch::inlined);
  id.store = to_string(as_asked ? row.store : StoreKind::memory);
  id.clients = context.trace->clients;
  id.threads = row.threads;
  id.oversubscribed = context.oversubscribed;
  id.pin = to_string(row.pin);
  id.load_model = to_string(row.load);
  id.think = row.think;
  id.outside_ns = row.outside_ns;
  id.repeat = repeat_text(row.repeat);
  id.profile = row.stages.empty() ? std::filesystem::path(row.envelope).filename().string() : row.stages;
  return id;
}

// What is certain of a share that is known to within a resolution, in per cent.
std::optional<double> known_pct(const TrialReport& report, const std::optional<double>& share) {
  if (!share) return std::nullopt;
  return std::max(0.0, *share - report.foreign.resolution_share) * 100;
}

// Pooled, what waits for a worker has not been started.
reports::Leftover leftover_of(const TrialReport& report) {
  const auto count = [](std::uint64_t some) { return static_cast<double>(some); };
  const double offered = count(all_kinds(report).offered);
  if (offered == 0) return {};
  const FlowReport& flows = report.flows;
  const double under_way = count(flows.service.open()) - count(flows.queue.open());
  return {.waiting = (count(flows.system.open()) - under_way) / offered, .under_way = under_way / offered};
}

void judge(reports::RunResult& result, const PlanRow& row, const TrialReport& report,
           const TrialContext& context, bool checked) {
  if (!context.failure.empty()) {
    result.status = reports::Status::failed;
    result.status_reason = context.failure;
    return;
  }
  if (report.interrupted) {
    result.status = reports::Status::interrupted;
    result.status_reason = "ended by a signal; what was measured until then stands here";
  } else {
    const reports::Judgement judgement =
        context.audit.failure.empty()
            ? reports::judge_row(result.ops.front(),
                                 {.lateness_limit_ns = context.lateness_limit_ns,
                                  .steal_pct = known_pct(report, report.foreign.steal_share),
                                  .foreign_cpu_pct = known_pct(report, report.foreign.foreign_cpu_share),
                                  .foreign_limit_pct = row.foreign_limit_pct},
                                 leftover_of(report))
            : reports::Judgement{reports::Status::failed,
                                 "the measurement contradicts itself: " + context.audit.failure};
    result.status = judgement.status;
    result.status_reason = judgement.reason;
    if (report.never_steady && judgement.status == reports::Status::ok) {
      result.status = reports::Status::too_short;
      result.status_reason = "throughput did not become steady in a warm-up of " +
                             std::to_string(report.warmup_ns / 1'000'000) + " ms; raise --warmup steady:TIME";
    }
  }
  if (!checked) return;
  const std::string law = report.laws.broken.data();
  result.verified = law.empty() && context.disagreement.empty();
  if (!law.empty()) result.status_reason = "law broken: " + law;
  if (law.empty() && !context.disagreement.empty()) result.status_reason = context.disagreement;
}

}  // namespace

reports::Histogram service_of_all(const TrialReport& report) {
  return all_kinds(report).service;
}
reports::Histogram lateness_of_all(const TrialReport& report) {
  return all_kinds(report).lateness;
}

reports::RunResult make_result(const PlanRow& row, const Strategy& strategy, const TrialReport& report,
                               const TrialContext& context) {
  const bool checked = row.checks != Checks::off;
  const Rates rates{.measured_s = report.measured_s,
                    .offered_s = offered_over_s(row, report, *context.trace),
                    .open_loop = row.load != LoadModel::closed,
                    .ns_per_tick = context.ns_per_tick};
  reports::RunResult result;
  result.identity = identity_of(row, strategy, context);
  result.ops = op_rows(row, report, rates, checked);
  if (row.count) add_counts(result.ops, context.counts, strategy);
  result.contended_locks_pct = contended_pct(row.anatomy ? report.contention : context.contention);
  const auto measured_ns = static_cast<std::uint64_t>(report.measured_s * 1e9);
  if (row.latency) {
    add_intervals(result.intervals, "warmup", report.warmup, report.warmup_interval_ns, report.warmup_ns,
                  rates.open_loop);
    add_intervals(result.intervals, "measure", report.measure, report.interval_ns, measured_ns,
                  rates.open_loop);
    result.clients = {.measure = rates.open_loop ? "completed_share" : "mean_response_ns",
                      .curve = report.client_curve};
    if (!row.has_profile() && row.load != LoadModel::trace) add_steady_state(result, report.warmup_ns);
  }
  result.cpu_user_s = report.cpu_user_s;
  result.cpu_system_s = report.cpu_system_s;
  result.switches_voluntary = report.switches_voluntary;
  result.switches_involuntary = report.switches_involuntary;
  result.rss_max_bytes = report.rss_max_bytes;
  if (context.audit.little_error) result.little_error_pct = *context.audit.little_error * 100;
  if (context.audit.loop_error) result.loop_error_pct = *context.audit.loop_error * 100;
  result.repeats = report.repeats;
  result.faults_minor = report.faults_minor;
  result.faults_major = report.faults_major;
  result.instructions = report.hardware.instructions;
  result.cycles = report.hardware.cycles;
  result.cache_misses = report.hardware.cache_misses;
  result.branch_misses = report.hardware.branch_misses;
  if (report.foreign.steal_share) result.steal_pct = *report.foreign.steal_share * 100;
  if (report.foreign.foreign_cpu_share) result.foreign_cpu_pct = *report.foreign.foreign_cpu_share * 100;
  if (row.anatomy && context.failure.empty()) add_lock_times(result, report, context.ns_per_tick);
  result.writer_gap_max_ns = longest_gap_of_writers(report);
  if (strategy.lock_bytes > 0) result.lock_bytes = strategy.lock_bytes;
  const double mean_ns = result.ops.front().service.mean();
  if (!row.floor && context.floor_mean_ns && mean_ns > 0)
    result.floor_share = *context.floor_mean_ns / mean_ns;
  if (context.check_cost.pairs > 0) {
    result.check_cost_pct = context.check_cost.share * 100;
    result.check_loop_pct = context.check_cost.loop_share * 100;
  }
  judge(result, row, report, context, checked);
  const reports::BuildFacts& build = reports::build_facts();
  result.allocator = row.arena ? "arena over " + build.allocator : build.allocator;
  result.build_type = build.build_type;
  result.compiler = build.compiler;
  result.commit = build.commit;
  return result;
}

}  // namespace crosstalk::harness
