#include "reports/results_reader.h"

#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "reports/csv_cells.h"

namespace crosstalk::reports {

namespace fs = std::filesystem;

namespace {

using Naturals = std::uint64_t;

// The trials by run and number. Rows of one trial stand together, so the last one found is looked at first.
class TrialIndex {
 public:
  // The trial of that name, or nothing.
  [[nodiscard]] std::optional<std::size_t> find(const char* run_id, Naturals trial) {
    if (last_ && trial == last_trial_ && last_run_ == run_id) return last_;
    const auto run = numbers_.find(run_id);
    if (run == numbers_.end()) return std::nullopt;
    const auto found = run->second.find(trial);
    if (found == run->second.end()) return std::nullopt;
    last_run_ = run_id;
    last_trial_ = trial;
    return last_ = found->second;
  }
  void add(const std::string& run_id, Naturals trial, std::size_t number) {
    numbers_[run_id][trial] = number;
  }

 private:
  std::unordered_map<std::string, std::unordered_map<Naturals, std::size_t>> numbers_;
  std::string last_run_;
  Naturals last_trial_ = 0;
  std::optional<std::size_t> last_;
};

TrialIndex index_of(const std::vector<RecordedTrial>& trials) {
  TrialIndex index;
  for (std::size_t i = 0; i < trials.size(); ++i)
    index.add(trials[i].identity.run_id, trials[i].identity.trial, i);
  return index;
}

// Cells of one row, taken in the order of the columns' names.
template <unsigned columns>
class RowCells {
 public:
  RowCells(const CsvCells<columns>& cells, const std::array<const char*, columns>& names,
           const std::array<char*, columns>& texts)
      : cells_(cells), names_(names), texts_(texts) {}

  [[nodiscard]] const char* text() { return texts_[next_++]; }
  template <class T>
  [[nodiscard]] T number() {
    const std::size_t i = next_++;
    return cells_.template number<T>(names_[i], texts_[i]);
  }
  [[nodiscard]] Naturals natural() { return number<Naturals>(); }
  template <class T>
  [[nodiscard]] std::optional<T> maybe() {
    const std::size_t i = next_++;
    return cells_.template maybe<T>(names_[i], texts_[i]);
  }
  void version() { cells_.check_version(text()); }
  [[noreturn]] void fail(const std::string& reason) const { cells_.fail(reason); }

 private:
  const CsvCells<columns>& cells_;
  const std::array<const char*, columns>& names_;
  const std::array<char*, columns>& texts_;
  std::size_t next_ = 0;
};

// Calls row(RowCells&) for every row of the file.
template <unsigned columns, class Row>
void read_file(const fs::path& path, const std::array<const char*, columns>& names, Row&& row) {
  const std::string file = path.string();
  check_bytes(file);
  try {
    CellReader<columns> reader(file);
    std::apply([&](auto... name) { reader.read_header(io::ignore_extra_column, name...); }, names);
    const CsvCells<columns> cells(file, reader);
    std::array<char*, columns> texts{};
    while (std::apply([&](auto&... text) { return reader.read_row(text...); }, texts)) {
      RowCells<columns> current(cells, names, texts);
      row(current);
    }
  } catch (const io::error::base& error) {
    throw CsvError(file + ": " + error.what());
  }
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

constexpr std::array kRunsNames{"schema_version",
                                "run_id",
                                "block",
                                "trial",
                                "repetition",
                                "role",
                                "scenario",
                                "settings",
                                "trace_hash",
                                "time_scale",
                                "seed",
                                "strategy",
                                "path",
                                "pool",
                                "dispatch",
                                "store",
                                "queue_policy",
                                "clients",
                                "threads",
                                "workers",
                                "oversubscribed",
                                "pin",
                                "load_model",
                                "outside_ns",
                                "think",
                                "profile",
                                "status",
                                "status_reason",
                                "verified",
                                "floor_share",
                                "cpu_user_s",
                                "cpu_system_s",
                                "rss_max_bytes",
                                "allocator",
                                "build_type",
                                "compiler",
                                "commit",
                                "op",
                                "offered_ops_s",
                                "achieved_ops_s",
                                "count",
                                "errors",
                                "rejected",
                                "late",
                                "service_p50_ns",
                                "service_p90_ns",
                                "service_p99_ns",
                                "service_p999_ns",
                                "service_max_ns",
                                "service_mean_ns",
                                "response_p50_ns",
                                "response_p90_ns",
                                "response_p99_ns",
                                "response_p999_ns",
                                "response_max_ns",
                                "response_mean_ns",
                                "reach",
                                "jain_clients"};
using RunsCells = RowCells<kRunsNames.size()>;

std::uint64_t hash_of(RunsCells& cells) {
  const std::string text = cells.text();
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size())
    cells.fail("trace_hash: must be 16 hexadecimal digits, got '" + text + "'");
  return hash;
}

bool flag_of(RunsCells& cells, const char* column) {
  const auto value = cells.natural();
  if (value > 1) cells.fail(std::string(column) + ": must be 0 or 1, got " + std::to_string(value));
  return value == 1;
}

// Columns run_id to profile.
TrialIdentity identity_of_row(RunsCells& cells) {
  TrialIdentity id;
  id.run_id = cells.text();
  id.block = cells.natural();
  id.trial = cells.natural();
  id.repetition = cells.natural();
  id.role = cells.text();
  id.scenario = cells.text();
  id.settings = cells.text();
  id.trace_hash = hash_of(cells);
  id.time_scale = cells.number<double>();
  id.seed = cells.natural();
  for (auto part : {&TrialIdentity::strategy, &TrialIdentity::path, &TrialIdentity::pool,
                    &TrialIdentity::dispatch, &TrialIdentity::store, &TrialIdentity::queue_policy})
    id.*part = cells.text();
  for (auto part : {&TrialIdentity::clients, &TrialIdentity::threads, &TrialIdentity::workers})
    id.*part = cells.natural();
  id.oversubscribed = flag_of(cells, "oversubscribed");
  id.pin = cells.text();
  id.load_model = cells.text();
  id.outside_ns = cells.natural();
  id.think = cells.text();
  id.profile = cells.text();
  return id;
}

// Columns status to commit.
void read_outcome(RunsCells& cells, RecordedTrial& trial) {
  const char* status = cells.text();
  const auto known = parse_status(status);
  if (!known) cells.fail(std::string("status: unknown: '") + status + "'");
  trial.status = *known;
  trial.status_reason = cells.text();
  if (const auto verified = cells.maybe<unsigned>()) {
    if (*verified > 1) cells.fail("verified: must be 0, 1 or empty, got " + std::to_string(*verified));
    trial.verified = *verified == 1;
  }
  trial.floor_share = cells.maybe<double>();
  trial.cpu_user_s = cells.number<double>();
  trial.cpu_system_s = cells.number<double>();
  trial.rss_max_bytes = cells.natural();
  for (auto part : {&RecordedTrial::allocator, &RecordedTrial::build_type, &RecordedTrial::compiler,
                    &RecordedTrial::commit})
    trial.*part = cells.text();
}

RecordedTimes times_of(RunsCells& cells) {
  RecordedTimes times;
  for (auto part : {&RecordedTimes::p50_ns, &RecordedTimes::p90_ns, &RecordedTimes::p99_ns,
                    &RecordedTimes::p999_ns, &RecordedTimes::max_ns, &RecordedTimes::mean_ns})
    times.*part = cells.maybe<Naturals>();
  return times;
}

// Columns op to jain_clients.
RecordedOp op_of(RunsCells& cells) {
  RecordedOp op;
  op.op = cells.text();
  op.offered_ops_s = cells.maybe<double>();
  op.achieved_ops_s = cells.number<double>();
  for (auto part : {&RecordedOp::count, &RecordedOp::errors, &RecordedOp::rejected, &RecordedOp::late})
    op.*part = cells.natural();
  op.service = times_of(cells);
  op.response = times_of(cells);
  op.reach = cells.maybe<double>();
  op.jain_clients = cells.maybe<double>();
  return op;
}

void add_op(RunsCells& cells, RecordedTrial& trial, RecordedOp op) {
  for (const RecordedOp& each : trial.ops) {
    if (each.op != op.op) continue;
    cells.fail("op " + op.op + " of trial " + std::to_string(trial.identity.trial) + " of run " +
               trial.identity.run_id + " stands here for the second time");
  }
  trial.ops.push_back(std::move(op));
  if (trial.ops.back().op == "all") std::swap(trial.ops.front(), trial.ops.back());
}

std::vector<RecordedTrial> read_runs_of(const fs::path& path) {
  std::vector<RecordedTrial> trials;
  TrialIndex index;
  read_file<kRunsNames.size()>(path, kRunsNames, [&](RunsCells& cells) {
    cells.version();
    RecordedTrial trial;
    trial.identity = identity_of_row(cells);
    read_outcome(cells, trial);
    RecordedOp op = op_of(cells);
    const auto known = index.find(trial.identity.run_id.c_str(), trial.identity.trial);
    if (!known) {
      index.add(trial.identity.run_id, trial.identity.trial, trials.size());
      trials.push_back(std::move(trial));
    }
    add_op(cells, known ? trials[*known] : trials.back(), std::move(op));
  });
  for (const RecordedTrial& trial : trials) {
    if (trial.all().op == "all") continue;
    throw CsvError(path.string() + ": trial " + std::to_string(trial.identity.trial) + " of run " +
                   trial.identity.run_id + " has no row of op all");
  }
  return trials;
}

constexpr std::array kIntervalNames{"schema_version", "run_id",          "trial",           "op",
                                    "phase",          "start_ns",        "length_ns",       "offered",
                                    "completed",      "response_p50_ns", "response_p99_ns", "response_max_ns",
                                    "lateness_p99_ns"};

void read_intervals_into(const fs::path& path, std::vector<RecordedTrial>& trials) {
  TrialIndex index = index_of(trials);
  read_file<kIntervalNames.size()>(path, kIntervalNames, [&](auto& cells) {
    cells.version();
    const char* run_id = cells.text();
    const auto trial = index.find(run_id, cells.natural());
    Interval slice;
    slice.op = cells.text();
    slice.phase = cells.text();
    slice.start_ns = cells.natural();
    slice.length_ns = cells.natural();
    slice.offered = cells.template maybe<Naturals>();
    slice.completed = cells.natural();
    for (auto part : {&Interval::response_p50_ns, &Interval::response_p99_ns, &Interval::response_max_ns,
                      &Interval::lateness_p99_ns})
      slice.*part = cells.template maybe<Naturals>();
    if (trial) trials[*trial].intervals.push_back(std::move(slice));
  });
}

constexpr std::array kClientsNames{"schema_version", "run_id", "trial", "measure", "share_pct", "value"};

void read_clients_into(const fs::path& path, std::vector<RecordedTrial>& trials) {
  TrialIndex index = index_of(trials);
  read_file<kClientsNames.size()>(path, kClientsNames, [&](auto& cells) {
    cells.version();
    const char* run_id = cells.text();
    const auto trial = index.find(run_id, cells.natural());
    const char* measure = cells.text();
    const Naturals share = cells.natural();
    if (share >= ClientCurve::kPoints)
      cells.fail("share_pct: must be at most 100, got " + std::to_string(share));
    const double value = cells.template number<double>();
    if (!trial) return;
    ClientService& clients = trials[*trial].clients;
    clients.measure = measure;
    clients.curve.value[share] = value;
    clients.curve.clients = trials[*trial].identity.clients;
  });
}

constexpr std::array kLatencyNames{"schema_version", "run_id",        "trial",          "op",
                                   "metric",         "bucket_low_ns", "bucket_high_ns", "count"};

}  // namespace

std::vector<RecordedTrial> read_trials(const fs::path& folder) {
  std::vector<RecordedTrial> trials = read_runs_of(folder / "runs.csv");
  if (is_there(folder / "intervals.csv")) read_intervals_into(folder / "intervals.csv", trials);
  if (is_there(folder / "clients.csv")) read_clients_into(folder / "clients.csv", trials);
  return trials;
}

void read_latency(const fs::path& folder, const std::vector<RecordedTrial>& trials,
                  const std::function<void(const LatencyRow&)>& visit) {
  // So many values in one bucket would take centuries; sums of fewer do not overflow.
  constexpr Naturals kMost = Naturals{1} << 53;
  if (!is_there(folder / "latency.csv")) return;
  TrialIndex index = index_of(trials);
  read_file<kLatencyNames.size()>(folder / "latency.csv", kLatencyNames, [&](auto& cells) {
    cells.version();
    const char* run_id = cells.text();
    const auto trial = index.find(run_id, cells.natural());
    const char* op = cells.text();
    const char* metric = cells.text();
    const Naturals low = cells.natural();
    const Naturals high = cells.natural();
    const Naturals count = cells.natural();
    if (!Histogram::is_bucket(low, high))
      cells.fail("bucket_low_ns, bucket_high_ns: no bucket of this version's histogram, got " +
                 std::to_string(low) + " to " + std::to_string(high));
    if (count > kMost)
      cells.fail("count: must be at most " + std::to_string(kMost) + ", got " + std::to_string(count));
    if (trial) visit({trials[*trial], op, metric, low, high, count});
  });
}

Facts read_environment(const fs::path& folder) {
  constexpr std::array kNames{"key", "value"};
  Facts facts;
  if (!is_there(folder / "environment.csv")) return facts;
  read_file<kNames.size()>(folder / "environment.csv", kNames, [&](auto& cells) {
    const std::string key = cells.text();
    facts.emplace_back(key, cells.text());
  });
  return facts;
}

}  // namespace crosstalk::reports
