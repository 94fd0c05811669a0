#include "reports/schema.h"

#include <array>

namespace crosstalk::reports {

namespace {

constexpr std::array<Column, 98> kRuns{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "one program run"},
    {"block", "a block holds every strategy once, in random order"},
    {"trial", "number of the trial within the run"},
    {"repetition", "number of the repetition"},
    {"role", "floor: a null row, the harness's own cost; else empty"},
    {"status", "ok, saturated, generator, contaminated, too_short, interrupted or failed"},
    {"status_reason", "why the status is not ok, and what to do"},
    {"verified", "1 every law held, 0 a law broke, empty not checked"},
    {"scenario", "scenario or trace file"},
    {"trace_hash",
     "hash of all operations, 16 hexadecimal digits; rows of different hashes must not be compared"},
    {"time_scale", "replay: trace times were divided by this"},
    {"seed", "seed of the trace and the plan"},
    {"strategy", "server/mechanism"},
    {"path", "direct: drivers call the server; pooled: requests go through the thread pool"},
    {"pool", "executor of the pooled path"},
    {"dispatch", "who hands posts out; in floor rows what was asked for"},
    {"store", "where posts are kept; in floor rows what was asked for"},
    {"queue_policy", "what a full pool queue does; empty: it has no limit"},
    {"clients", "simulated clients"},
    {"threads", "driver threads"},
    {"workers", "threads of the pools of path and dispatch, 0 without"},
    {"oversubscribed", "1 if drivers and workers exceed the processors"},
    {"pin", "how threads were pinned"},
    {"load_model", "closed, constant, poisson, hawkes or trace"},
    {"op", "operation kind (persist: a post until it is stored), or all: the trial's totals"},
    {"offered_ops_s", "operations due per second, open loop"},
    {"achieved_ops_s", "operations completed per second"},
    {"count", "operations completed in the measured phase"},
    {"errors", "operations the server refused"},
    {"rejected", "requests that a full queue refused or dropped"},
    {"late", "operations started more than 1 ms after their intended instant"},
    {"expected", "deliveries that had to arrive, whole trial"},
    {"delivered", "of these, deliveries that arrived"},
    {"dropped", "deliveries dropped by a full inbox"},
    {"discarded", "deliveries waiting or under way when their session ended"},
    {"service_p50_ns", "service time from the actual start: 50 %, nanoseconds"},
    {"service_p90_ns", "service time from the actual start: 90 %, nanoseconds"},
    {"service_p99_ns", "service time from the actual start: 99 %, nanoseconds"},
    {"service_p999_ns", "service time from the actual start: 99.9 %, nanoseconds"},
    {"service_max_ns", "service time from the actual start: longest, nanoseconds"},
    {"service_mean_ns", "service time from the actual start: mean, nanoseconds"},
    {"response_p50_ns", "response time from the intended start: 50 %, nanoseconds"},
    {"response_p90_ns", "response time from the intended start: 90 %, nanoseconds"},
    {"response_p99_ns", "response time from the intended start: 99 %, nanoseconds"},
    {"response_p999_ns", "response time from the intended start: 99.9 %, nanoseconds"},
    {"response_max_ns", "response time from the intended start: longest, nanoseconds"},
    {"response_mean_ns", "response time from the intended start: mean, nanoseconds"},
    {"queue_p99_ns", "wait in the pool's queue: 99 %, nanoseconds"},
    {"lateness_p99_ns", "the generator's own delay: 99 %, nanoseconds"},
    {"delivery_first_p99_ns", "intended post to first inbox: 99 %, nanoseconds"},
    {"delivery_last_p99_ns", "intended post to last inbox: 99 %, nanoseconds"},
    {"reach", "delivered / expected"},
    {"duplicates", "deliveries that arrived again"},
    {"inversions", "deliveries that arrived after a later one of the same sender and room"},
    {"jain_clients",
     "Jain's fairness index over clients: completed/offered (open loop) or mean response (closed)"},
    {"jain_threads", "the same over drivers"},
    {"gap_max_ns", "longest time an operation took while others of its kind completed, nanoseconds"},
    {"floor_share", "the null row's mean service time / this row's"},
    {"check_cost_pct", "cost of the live checks, per cent, where measured"},
    {"cpu_user_s", "processor time in user mode, seconds"},
    {"cpu_system_s", "processor time in the kernel, seconds"},
    {"switches_voluntary", "context switches by waiting"},
    {"switches_involuntary", "context switches by preemption"},
    {"rss_max_bytes", "peak memory of the trial above what it was given"},
    {"lock_bytes", "size of one lock"},
    {"allocator", "memory allocator"},
    {"build_type", "build type and sanitizers"},
    {"compiler", "compiler"},
    {"commit", "version of the program"},
    {"think", "closed loop: time between an answer and the client's next operation; empty: none"},
    {"profile", "how the offered rate changes: stages or envelope; empty: it does not"},
    {"delivery_median_p99_ns", "intended post to median inbox, of one post in 64: 99 %, nanoseconds"},
    {"delivery_receive_p99_ns", "intended post to being received, of one post in 64: 99 %, nanoseconds"},
    {"anatomy_lateness_ns", "anatomy: the generator's own delay, mean, nanoseconds"},
    {"anatomy_queue_ns", "anatomy: wait for a busy driver or a worker of the pool, mean, nanoseconds"},
    {"anatomy_lock_wait_ns", "anatomy: wait for the locks under test, mean, nanoseconds"},
    {"anatomy_lock_hold_ns", "anatomy: time in which they were held, mean, nanoseconds"},
    {"anatomy_rest_ns", "anatomy: what is left of the mean response, nanoseconds"},
    {"faults_minor", "page faults without input"},
    {"faults_major", "page faults with input"},
    {"steal_pct", "processor time that the hypervisor gave to others, per cent"},
    {"foreign_cpu_pct", "processor time that other programs took, per cent"},
    {"instructions", "instructions retired in user mode, measured phase"},
    {"cycles", "processor cycles in user mode, measured phase"},
    {"cache_misses", "last-level cache misses in user mode, measured phase"},
    {"branch_misses", "mispredicted branches in user mode, measured phase"},
    {"little_error_pct", "audit: Little's law, the largest error of a stage, per cent"},
    {"loop_error_pct", "audit: N = X (R + Z) of the closed loop, error, per cent"},
    {"steady_entered_ns", "throughput became steady, nanoseconds after the start of the warm-up"},
    {"steady_left_ns", "it ceased to be steady"},
    {"writer_gap_max_ns", "gap_max_ns over the kinds of operation that write"},
    {"lock_wait_max_ns", "anatomy: longest wait for a lock, nanoseconds"},
    {"writer_wait_max_ns", "anatomy: longest wait for a lock in exclusive mode, nanoseconds"},
    {"bypass_max",
     "anatomy: most acquisitions of a lock by others that asked later, while one waited or was preempted as it asked"},
    {"anatomy_cost_pct", "anatomy: what its own clock readings add to the mean service time, per cent"},
    {"settings", "keys of the scenario that were set otherwise, as they were given; empty: none"},
    {"outside_ns", "closed loop: mean work of a driver between two operations, nanoseconds"},
}};

constexpr std::array<Column, 8> kLatency{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"trial", "see runs.csv"},
    {"op", "operation kind"},
    {"metric",
     "service, response; of op all also queue, lateness, delivery_first, delivery_median, delivery_last, delivery_receive. No response where it "
     "is equal to service: closed loop on the direct path, and receives"},
    {"bucket_low_ns", "smallest value of the bucket, nanoseconds"},
    {"bucket_high_ns", "largest value of the bucket, nanoseconds"},
    {"count", "values in the bucket"},
}};

constexpr std::array<Column, 13> kIntervals{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"trial", "see runs.csv"},
    {"op", "all"},
    {"phase", "warmup or measure"},
    {"start_ns", "start of the slice within its phase, nanoseconds"},
    {"length_ns", "length of the slice, nanoseconds"},
    {"offered", "operations due in the slice"},
    {"completed", "operations completed in the slice"},
    {"response_p50_ns", "median response time, nanoseconds"},
    {"response_p99_ns", "response time: 99 %, nanoseconds"},
    {"response_max_ns", "longest response time, nanoseconds"},
    {"lateness_p99_ns", "the generator's own delay: 99 %, nanoseconds"},
}};

constexpr std::array<Column, 6> kClients{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"trial", "see runs.csv"},
    {"measure", "completed_share: completed/offered (open loop); mean_response_ns: nanoseconds (closed)"},
    {"share_pct", "share of the clients, 0 to 100, per cent"},
    {"value", "the measure is at most this for that share of the clients; between two clients linear"},
}};

constexpr std::array<Column, 2> kEnvironment{{
    {"key", "name of the fact"},
    {"value", "the fact"},
}};

constexpr std::array<Column, 21> kComparison{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"load", "what the whole field had in common: load model, clients, drivers"},
    {"metric", "throughput, response_p99 or cpu_per_op"},
    {"value", "what the value of one trial is"},
    {"better", "larger or smaller values"},
    {"leader", "strategy that leads the field by throughput, or in an open loop by response p99"},
    {"other", "strategy that it is compared with"},
    {"leader_value", "median over its blocks: operations per second, or nanoseconds"},
    {"other_value", "the same of the other one"},
    {"ratio", "leader / other: Hodges-Lehmann estimate over the blocks that both have"},
    {"ratio_low", "interval of the ratio, inverted signed-rank test"},
    {"ratio_high", "its upper end"},
    {"confidence_pct", "of each interval by itself, after all looks, per cent"},
    {"p", "signed-rank test of the blocks' log-ratios, two-sided, exact"},
    {"p_holm", "the same adjusted over all pairs of the field (Holm) and for the looks"},
    {"blocks", "blocks in which both were measured soundly"},
    {"looks", "how often the blocks were looked at before this"},
    {"sd_pair_pct", "standard deviation of the blocks' log-ratios, per cent"},
    {"mde_pct", "smallest difference that 80 % of such tournaments find, per cent; empty: too few blocks"},
    {"verdict", "of the leader: better, worse, unresolved or too_few_blocks (none could be told apart)"},
}};

constexpr std::array<Column, 8> kBlocks{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"load", "see comparison.csv"},
    {"metric", "throughput, response_p99 or cpu_per_op"},
    {"better", "larger or smaller values"},
    {"strategy", "server/mechanism"},
    {"block", "see runs.csv"},
    {"value", "what is compared within the block: operations per second, or nanoseconds"},
}};

constexpr std::array<Column, 24> kMap{{
    {"schema_version", "version of this file's columns"},
    {"run_id", "see runs.csv"},
    {"threads", "drivers"},
    {"write_share_pct", "share of joins and leaves, per cent; the rest are member lists"},
    {"zipf", "Zipf exponent of the rooms' popularity"},
    {"members", "members of a room on average: what a member list reads inside the critical section"},
    {"outside_ns", "work between two operations with a driver a processor, mean, nanoseconds"},
    {"outside_scaled_ns", "the same with so many drivers: outside_ns x threads / processors"},
    {"strategies", "strategies that were compared"},
    {"blocks", "blocks in which leader and runner-up, or any other one, were measured soundly: the fewest"},
    {"blocks_needed", "fewer can tell none of so many strategies apart"},
    {"leader", "strategy with the most throughput; the winner where the verdict is resolved"},
    {"leader_ops_s", "median over its blocks, operations per second"},
    {"runner_up", "the next one"},
    {"ratio", "leader / runner-up: Hodges-Lehmann estimate over the blocks that both have"},
    {"ratio_low", "95 % interval of the ratio, inverted signed-rank test"},
    {"ratio_high", "its upper end"},
    {"p", "signed-rank test of the blocks' log-ratios, two-sided, exact"},
    {"p_holm", "the same adjusted over all pairs of the cell (Holm)"},
    {"verdict",
     "resolved: the leader is better than every other one; unresolved, too_few_blocks or nothing_to_compare"},
    {"tied", "strategies that are not told apart from the leader"},
    {"mde_pct",
     "smallest difference from these that 80 % of such tournaments find, per cent; empty: too few blocks"},
    {"floor_share", "of the leader: the null row's mean service time / its own"},
    {"left_out", "strategies that could not be compared, and why"},
}};

}  // namespace

std::span<const Column> runs_columns() noexcept {
  return kRuns;
}
std::span<const Column> latency_columns() noexcept {
  return kLatency;
}
std::span<const Column> intervals_columns() noexcept {
  return kIntervals;
}
std::span<const Column> clients_columns() noexcept {
  return kClients;
}
std::span<const Column> environment_columns() noexcept {
  return kEnvironment;
}

std::span<const Column> comparison_columns() noexcept {
  return kComparison;
}
std::span<const Column> blocks_columns() noexcept {
  return kBlocks;
}
std::span<const Column> map_columns() noexcept {
  return kMap;
}

}  // namespace crosstalk::reports
