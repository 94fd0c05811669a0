#include "harness/run_flags.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace crosstalk::harness {

namespace {

constexpr std::array kRunFlags{
    Flag{.name = "scenario",
         .value = "NAME|FILE",
         .help = "population of clients to simulate (default community)",
         .shapes_plan = true,
         .heading = "What the clients do"},
    Flag{.name = "set",
         .value = "KEY=VALUE,...",
         .help = "keys of the scenario to be other than in its file: rooms=64,churn=0.1",
         .list = true,
         .shapes_plan = true},
    Flag{.name = "trace",
         .value = "FILE",
         .help = "replay a CSV trace instead of a scenario",
         .shapes_plan = true},
    Flag{.name = "time-scale",
         .value = "K",
         .help = "divide the times of trace or envelope by K, 0.001 to 1e9 (default: fit into --duration)",
         .shapes_plan = true},
    Flag{.name = "lurkers",
         .value = "F",
         .help = "silent members added to the rooms of a trace, per speaker (default 0)",
         .shapes_plan = true},
    Flag{.name = "clients",
         .value = "LIST",
         .help = "simulated clients, 1 to 10000000 (default: what the scenario says, else 1000)",
         .list = true,
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "load",
        .value = "closed|constant|poisson|hawkes|trace",
        .help =
            "closed: operations back to back, or after --think; the others: each at its planned instant, hawkes in "
            "bursts as in real chat (default: trace with --trace, poisson with a rate, else closed)",
        .shapes_plan = true,
        .in_scenario = true},
    Flag{.name = "rate",
         .value = "LIST",
         .help = "operations a second over all drivers, for constant, poisson and hawkes load",
         .list = true,
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "stages",
         .value = "LENGTH:RATE,...",
         .help =
             "rates that follow each other instead of one: 30s:1k,1m:5k; 10s:1k..9k is a ramp, burst@45s:20k "
             "twenty thousand operations at once",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "envelope",
        .value = "FILE",
        .help =
            "rates from a CSV file with the columns minute and messages (or rate), fitted into --duration or "
            "divided by --time-scale; --rate sets their mean",
        .shapes_plan = true},
    Flag{.name = "think",
         .value = "TIME|LAW",
         .help = "closed: each client thinks between an answer and its next operation: 2s, exp:100ms, "
                 "lognormal:43s,1.69, chat; /K behind it divides by K (default 0)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "outside",
        .value = "TIME",
        .help =
            "closed, direct: work of a driver between two operations, outside the server, drawn uniformly up to "
            "twice this; at most 1ms (default 0)",
        .shapes_plan = true},
    Flag{
        .name = "repeat",
        .value = "THING=PCT",
        .help =
            "closed: slow down on purpose: of the operations that use a thing, this share is followed by one more use, "
            "which no figure counts but the throughput it costs and --count: lock=5% (a room's), map=5% (a look-up), pool=5% (a "
            "task, with --path pooled); 0.1 % to 100 %",
        .shapes_plan = true},
    Flag{.name = "seed",
         .value = "N",
         .help = "seed of trace and plan (default: chosen and printed)",
         .shapes_plan = true,
         .in_scenario = true},

    Flag{.name = "strategy",
         .value = "GLOBS",
         .help = "strategies to compare (default 'coarse/*,sharded/*'); see crosstalk list",
         .list = true,
         .shapes_plan = true,
         .in_scenario = true,
         .heading = "What is compared"},
    Flag{.name = "repetitions",
         .value = "N",
         .help = "blocks; each holds every strategy once, in random order (default 1)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "duration",
         .value = "TIME",
         .help = "length of the measured phase (default 10s)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "ops",
         .value = "N",
         .help = "measure this many operations instead of a duration",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "warmup",
        .value = "TIME|steady",
        .help =
            "checked but not measured (default 1s, at most a fifth of the duration; 0 for a replay); steady: "
            "until throughput is steady, at most 30s or what follows it, steady:10s",
        .shapes_plan = true,
        .in_scenario = true},
    Flag{.name = "timeout",
         .value = "TIME",
         .help = "end a trial that takes longer (default 30s + 5 x (warm-up + duration); at least 10m under "
                 "--ops and for closed replays)",
         .shapes_plan = true,
         .in_scenario = true},

    Flag{.name = "path",
         .value = "direct|pooled",
         .help = "drivers call the server themselves, or hand requests to a thread pool (default direct)",
         .shapes_plan = true,
         .in_scenario = true,
         .heading = "How operations reach the server"},
    Flag{.name = "threads",
         .value = "LIST",
         .help = "drivers, 1 to 1024 (default: as many as processors; pooled: 1)",
         .list = true,
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "workers",
         .value = "N",
         .help = "pooled path or dispatch: threads of each pool (default: the processors left over)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "inflight",
         .value = "N",
         .help = "pooled, closed: requests under way at a time (default 4 x workers, one a driver at least)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "pool",
         .value = "NAME",
         .help = "pooled: executor (default crosstalk); see crosstalk list --pools",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "queue-policy",
         .value = "POLICY",
         .help = "pooled: what a full queue does: block, block_timeout (a second), reject, caller_runs or "
                 "drop_oldest (default block)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "dispatch",
         .value = "inline|pooled|thread",
         .help = "who hands a post out: its caller, a pool, or a thread for each (default inline)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "store",
         .value = "memory|sqlite",
         .help = "where posts are kept and history comes from (default memory)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "counter",
         .value = "locked|atomic|striped",
         .help = "kind of the rooms' unread counters (default locked)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "pace",
        .value = "spin|sleep",
        .help =
            "how drivers wait for an instant: spin takes a processor each and is late by nanoseconds, sleep by "
            "some 50 us (default spin; sleep where drivers share processors)",
        .shapes_plan = true,
        .in_scenario = true},
    Flag{.name = "allocator",
         .value = "arena|system",
         .help =
             "where the server's memory comes from: an arena of the trial's own, or malloc (default arena)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "pin",
         .value = "spread|compact|none",
         .help = "how threads are pinned to processors (default spread)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "checks",
         .value = "off|live|full",
         .help = "laws checked in every trial (default live)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "foreign-limit",
         .value = "PCT",
         .help =
             "share of the processors that other programs may take before a row counts as contaminated; the "
             "hypervisor may take two fifths of that (default 5; 100: whatever they take)",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "no-latency",
         .value = "",
         .help = "count operations, do not time them; direct closed loop only",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{.name = "anatomy",
         .value = "",
         .help = "also measure where the time goes: waiting for and holding locks, queueing, the rest",
         .shapes_plan = true,
         .in_scenario = true},
    Flag{
        .name = "count",
        .value = "",
        .help =
            "also count what an operation does, exactly, in a replay apart from the trials: locks, allocations, "
            "tasks for a pool, wake-ups; and, not exactly, locks that were taken",
        .shapes_plan = true,
        .in_scenario = true},

    Flag{.name = "plan",
         .value = "FILE",
         .help = "run a stored plan; with --dry-run: write one",
         .heading = "Plans and results"},
    Flag{.name = "row", .value = "N", .help = "run one row of --plan alone"},
    Flag{.name = "dry-run", .value = "", .help = "make the plan, measure nothing"},
    Flag{
        .name = "no-check",
        .value = "",
        .help =
            "do not judge what is plugged in by its contract before it is timed; its rows are then not `verified`"},
    Flag{
        .name = "reference-ops",
        .value = "N",
        .help =
            "operations of a direct trial of one driver that are compared with the reference server, at most "
            "(default: what that does in about a second; under --checks full, and of a replay, all)"},
    Flag{
        .name = "threshold",
        .value = "CONDITION",
        .help =
            "what every strategy must meet, as post.response.p99<5ms or reach>=0.9999; exit code 1 if the median "
            "over its trials does not; see crosstalk list --metrics",
        .list = true,
        .in_scenario = true},
    Flag{.name = "out", .value = "DIR", .help = "folder for the results (default results/<date>-<time>)"},
    Flag{
        .name = "live",
        .value = "FILE",
        .help =
            "append each slice of time to this file as it closes, with the columns of intervals.csv; a trial of less "
            "than a second when it ends"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
    Flag{.name = "quiet", .value = "", .help = "no progress line, no notes"},
    Flag{.name = "config", .value = "FILE", .help = "an .ini with any of these flags: queue_policy = block"},
};

}  // namespace

std::span<const Flag> run_flags() noexcept {
  return kRunFlags;
}

const Flag& run_flag(std::string_view name) {
  const auto found = std::find_if(kRunFlags.begin(), kRunFlags.end(),
                                  [name](const Flag& flag) { return flag.name == name; });
  if (found == kRunFlags.end()) throw std::logic_error("run has no flag --" + std::string(name));
  return *found;
}

std::string run_help() {
  return "usage: crosstalk run [flags]\n\n" +
         wrapped(
             "Measures how chat-server strategies cope with a crowd: every strategy under the same trace, "
             "each trial in a process of its own, results as CSV files in a folder.",
             0) +
         "\n\n" + describe_flags(kRunFlags) + "\n" +
         wrapped(
             "LIST is a value, several (a,b), a range (LOW:HIGH:STEP) or a mixture. TIME is 500us, 30s or "
             "1m30s; a bare number is seconds. Numbers may end in k, M or G. A switch takes =false.",
             0) +
         "\n\n" +
         wrapped(
             "Every flag may also stand in the --config file, and in the environment as CROSSTALK_CLIENTS, "
             "CROSSTALK_QUEUE_POLICY and so on; most may stand in a scenario file. The command line "
             "outweighs the environment, that the --config file, that the scenario. CROSSTALK_SCENARIOS "
             "names a folder of scenarios.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
