// The result of one trial: plain data that the harness fills, the CSV writer stores and the scripts read.
// Units stand last in the names. An empty optional becomes an empty cell: "not measured", never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/client_curve.h"
#include "reports/histogram.h"

namespace crosstalk::reports {

inline constexpr int kSchemaVersion = 1;

// How far a row can be trusted. `saturated` is a finding about the server; generator, contaminated and
// too_short are defects of the measurement; interrupted and failed say that the trial did not end as planned.
enum class Status : std::uint8_t { ok, saturated, generator, contaminated, too_short, interrupted, failed };

[[nodiscard]] std::string_view to_string(Status status) noexcept;
[[nodiscard]] std::optional<Status> parse_status(std::string_view name) noexcept;

// What was run. Equal for all rows of one trial.
struct TrialIdentity {
  std::string run_id;       // one program run: stamp and process id
  std::uint64_t block = 0;  // a block holds every strategy once, in random order
  std::uint64_t trial = 0;  // number of the trial within the run
  std::uint64_t repetition = 0;
  std::string role;  // "" or "floor" (null rows)
  std::string scenario;
  std::string settings;  // keys of the scenario that were set otherwise, as they were given; empty: none
  std::uint64_t trace_hash = 0;  // 16 hexadecimal digits in the CSV
  double time_scale = 1;
  std::uint64_t seed = 0;
  std::string strategy;  // server/mechanism
  std::string path;      // direct | pooled
  std::string pool;      // executor of the pooled path, empty when direct
  std::string dispatch;  // inline | pooled | thread
  std::string store;     // memory | sqlite
  std::string queue_policy;
  std::uint64_t clients = 0;
  std::uint64_t threads = 0;  // drivers
  std::uint64_t workers = 0;  // pool threads, 0 when direct
  bool oversubscribed = false;
  std::string pin;               // spread | compact | none
  std::string load_model;        // closed | constant | poisson | hawkes | trace
  std::uint64_t outside_ns = 0;  // mean work of a driver between two operations
  std::string repeat;            // what was done once more on purpose: "lock=5%"; empty: nothing
  std::string think;             // think time of a closed loop as it was given; empty: none
  std::string
      profile;  // how the rate changes: stages as they were given, or the envelope file; empty: it does not
};

// What the operations meet beside the strategy: pool, dispatch, store, queue policy, pinning and `allocator`. Rows that differ in it
// answer different questions.
[[nodiscard]] std::string setup_key(const TrialIdentity& id, std::string_view allocator);
// Of it what is not as usual, for people: ", dispatch pooled, pin none".
[[nodiscard]] std::string setup_text(const TrialIdentity& id, std::string_view allocator);

// Where the time of an operation went: means, nanoseconds. Together they are the mean response.
struct Anatomy {
  double lateness_ns = 0;   // of the generator
  double queue_ns = 0;      // for the driver that was busy, or a worker of the pool
  double lock_wait_ns = 0;  // for the locks under test
  double lock_hold_ns = 0;  // of them
  double rest_ns = 0;
};

// What an operation does, as counted in a replay apart from the trial: means over its operations, exact.
struct OpCounts {
  std::uint64_t operations = 0;
  double submits = 0;  // tasks handed to a pool
  // Acquisitions of the locks around rooms, members and sessions, and those of them in shared mode. Empty: the server has none.
  std::optional<double> locks{}, shared_locks{};
  // Empty where the machine does not let them be counted.
  std::optional<double> allocations{}, allocated_bytes{}, wakeups{};
};

// One operation kind of a trial, or all of them together (`op` = "all"): one row of runs.csv.
struct OpResult {
  std::string op;
  std::optional<double> offered_ops_s;  // open loop only
  double achieved_ops_s = 0;
  std::uint64_t count = 0;     // completed in the measured phase
  std::uint64_t errors = 0;    // answered by the server with an error
  std::uint64_t rejected = 0;  // refused by a full queue
  std::uint64_t late = 0;      // started more than 1 ms after the intended instant
  // Deliveries: messages placed in inboxes, of the whole trial and only on "all" and "post" rows.
  std::optional<std::uint64_t> expected, delivered, dropped, discarded;
  Histogram service, response, queue, lateness;  // nanoseconds
  // Nanoseconds after the intended instant of the post: in the first, the last and, of some posts, the median inbox; taken
  // out of one.
  Histogram delivery_first, delivery_last, delivery_median, delivery_receive;
  std::optional<double> reach;  // delivered / expected
  std::optional<std::uint64_t> duplicates, inversions;
  std::optional<double> jain_clients, jain_threads;
  std::optional<std::uint64_t> gap_max_ns;
  std::optional<Anatomy> anatomy;  // where it was asked for
  std::optional<OpCounts> counts;  // the same
};

// A slice of time of one trial: one row of intervals.csv.
struct Interval {
  std::string op;              // "all"
  std::string phase;           // warmup | measure
  std::uint64_t start_ns = 0;  // after the start of its phase
  std::uint64_t length_ns = 0;
  std::optional<std::uint64_t> offered;
  std::uint64_t completed = 0;
  std::optional<std::uint64_t> response_p50_ns, response_p99_ns, response_max_ns, lateness_p99_ns;
};

// What jain_clients is over, for every client: rows of clients.csv.
struct ClientService {
  std::string measure;  // completed_share (open loop) | mean_response_ns (closed)
  ClientCurve curve;
};

struct RunResult {
  TrialIdentity identity;
  Status status = Status::ok;
  std::string status_reason;
  std::optional<bool> verified;  // empty: not checked
  std::vector<OpResult> ops;     // first "all", then every kind that occurred
  std::vector<Interval> intervals;
  ClientService clients;                 // without clients: not measured
  std::optional<double> floor_share;     // the harness's own cost (null row) / cost of this row
  std::optional<double> check_cost_pct;  // of the service time
  std::optional<double> check_loop_pct;  // of all that a driver does
  std::uint64_t repeats = 0;             // operations of the measured phase that were repeated on purpose
  double cpu_user_s = 0, cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0, switches_involuntary = 0;
  std::uint64_t rss_max_bytes = 0;
  std::uint64_t faults_minor = 0, faults_major = 0;
  // Of the measured phase; empty where the machine does not say.
  std::optional<double> steal_pct, foreign_cpu_pct;
  std::optional<std::uint64_t> instructions, cycles, cache_misses, branch_misses;
  // Of the audit by operational laws: what the measurement fails to account for.
  std::optional<double> little_error_pct, loop_error_pct;
  // Of the interval series, after the trial's first operation; empty: it never became steady, or did not leave that state.
  std::optional<std::uint64_t> steady_entered_ns, steady_left_ns;
  std::optional<std::uint64_t> writer_gap_max_ns;  // the longest gap_max_ns of operations that write
  // With anatomy only.
  std::optional<std::uint64_t> lock_wait_max_ns, writer_wait_max_ns, bypass_max;
  std::optional<double> anatomy_cost_pct;
  // Of all acquisitions of the locks around rooms, members and sessions, those that found somebody in their way; with anatomy, or
  // counts of several threads.
  std::optional<double> contended_locks_pct;
  std::optional<std::uint64_t> lock_bytes;
  std::string allocator, build_type, compiler, commit;
};

}  // namespace crosstalk::reports
