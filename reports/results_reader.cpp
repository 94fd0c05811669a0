#include "reports/results_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "reports/csv_rows.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace fs = std::filesystem;

namespace {

using Naturals = std::uint64_t;

// The trials by run and number. Rows of one trial stand together, so the last one found is looked at first.
class TrialIndex {
 public:
  // The trial of that name, or nothing.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view run_id, Naturals trial) {
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
  std::map<std::string, std::unordered_map<Naturals, std::size_t>, std::less<>> numbers_;
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

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Results of an older program may lack what was appended since.
constexpr std::array<std::string_view, 60> kRunsRead{"schema_version",
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
                                                     "repeat",
                                                     "think",
                                                     "profile",
                                                     "status",
                                                     "status_reason",
                                                     "verified",
                                                     "floor_share",
                                                     "check_cost_pct",
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

// Of the faults that only this reader sees, in the order in which one is told before the other. The first two as in csv_reader.cpp.
enum RunsFault : std::size_t { kUnknownStatus, kSecondTime, kNoHash };

class TrialReader {
 public:
  TrialReader(std::string name, std::string_view bytes)
      : name_(std::move(name)), rows_(name_, bytes, runs_columns(), kRunsRead) {}

  std::vector<RecordedTrial> read() {
    while (rows_.next()) read_row();
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (trials_[i].all().op == "all") continue;
      throw CsvError(name_ + ":" + std::to_string(lines_[i]) + ": " + title_of(trials_[i].identity) +
                     " has no row of op all");
    }
    return std::move(trials_);
  }

 private:
  static std::string title_of(const TrialIdentity& id) {
    return "trial " + std::to_string(id.trial) + " of run " + id.run_id;
  }

  void read_row() {
    RecordedTrial trial;
    trial.identity = identity();
    read_outcome(trial);
    RecordedOp row_op = op();
    const auto known = index_.find(trial.identity.run_id, trial.identity.trial);
    if (!known) {
      index_.add(trial.identity.run_id, trial.identity.trial, trials_.size());
      trials_.push_back(std::move(trial));
      lines_.push_back(rows_.line());
    }
    add_op(known ? trials_[*known] : trials_.back(), std::move(row_op));
  }

  // Columns run_id to profile.
  TrialIdentity identity() {
    TrialIdentity id;
    id.run_id = rows_.text();
    id.block = rows_.whole();
    id.trial = rows_.whole();
    id.repetition = rows_.whole();
    id.role = rows_.text();
    id.scenario = rows_.text();
    id.settings = rows_.text();
    id.trace_hash = hash();
    id.time_scale = rows_.real();
    id.seed = rows_.whole();
    for (auto part : {&TrialIdentity::strategy, &TrialIdentity::path, &TrialIdentity::pool,
                      &TrialIdentity::dispatch, &TrialIdentity::store, &TrialIdentity::queue_policy})
      id.*part = rows_.text();
    for (auto part : {&TrialIdentity::clients, &TrialIdentity::threads, &TrialIdentity::workers})
      id.*part = rows_.whole();
    id.oversubscribed = rows_.flag();
    id.pin = rows_.text();
    id.load_model = rows_.text();
    id.outside_ns = rows_.whole();
    id.repeat = rows_.text();
    id.think = rows_.text();
    id.profile = rows_.text();
    return id;
  }

  std::uint64_t hash() {
    const std::string_view text = rows_.text();
    std::uint64_t hash = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
    if (text.size() != 16 || error != std::errc() || end != text.data() + text.size())
      rows_.blame(kNoHash, "trace_hash: must be 16 hexadecimal digits, got " + quoted_cell(text));
    return hash;
  }

  // Columns status to commit.
  void read_outcome(RecordedTrial& trial) {
    const std::string_view status = rows_.text();
    const auto known = parse_status(status);
    if (!known) rows_.blame(kUnknownStatus, "status: unknown: " + quoted_cell(status));
    trial.status = known.value_or(Status::failed);
    trial.status_reason = rows_.text();
    if (const auto verified = rows_.maybe_whole()) trial.verified = *verified == 1;
    trial.floor_share = rows_.maybe_real();
    trial.check_cost_pct = rows_.maybe_real();
    trial.cpu_user_s = rows_.real();
    trial.cpu_system_s = rows_.real();
    trial.rss_max_bytes = rows_.whole();
    for (auto part : {&RecordedTrial::allocator, &RecordedTrial::build_type, &RecordedTrial::compiler,
                      &RecordedTrial::commit})
      trial.*part = rows_.text();
  }

  // Columns op to jain_clients.
  RecordedOp op() {
    RecordedOp op;
    op.op = rows_.text();
    op.offered_ops_s = rows_.maybe_real();
    op.achieved_ops_s = rows_.real();
    for (auto part : {&RecordedOp::count, &RecordedOp::errors, &RecordedOp::rejected, &RecordedOp::late})
      op.*part = rows_.whole();
    op.service = times();
    op.response = times();
    op.reach = rows_.maybe_real();
    op.jain_clients = rows_.maybe_real();
    return op;
  }

  RecordedTimes times() {
    RecordedTimes times;
    for (auto part : {&RecordedTimes::p50_ns, &RecordedTimes::p90_ns, &RecordedTimes::p99_ns,
                      &RecordedTimes::p999_ns, &RecordedTimes::max_ns, &RecordedTimes::mean_ns})
      times.*part = rows_.maybe_whole();
    return times;
  }

  void add_op(RecordedTrial& trial, RecordedOp op) {
    const auto same = [&op](const RecordedOp& each) { return each.op == op.op; };
    if (std::any_of(trial.ops.begin(), trial.ops.end(), same)) {
      rows_.blame(kSecondTime,
                  "op " + op.op + " of " + title_of(trial.identity) + " stands here for the second time");
    }
    trial.ops.push_back(std::move(op));
    if (trial.ops.back().op == "all") std::swap(trial.ops.front(), trial.ops.back());
  }

  std::string name_;
  CsvRows rows_;
  TrialIndex index_;
  std::vector<RecordedTrial> trials_;
  std::vector<std::uint64_t> lines_;  // on which each of them begins
};

void read_intervals(const std::string& name, std::string_view bytes, std::vector<RecordedTrial>& trials) {
  TrialIndex index = index_of(trials);
  CsvRows rows(name, bytes, intervals_columns());
  while (rows.next()) {
    const std::string_view run_id = rows.text();
    const auto trial = index.find(run_id, rows.whole());
    if (!trial) continue;
    Interval slice;
    slice.op = rows.text();
    slice.phase = rows.text();
    slice.start_ns = rows.whole();
    slice.length_ns = rows.whole();
    slice.offered = rows.maybe_whole();
    slice.completed = rows.whole();
    for (auto part : {&Interval::response_p50_ns, &Interval::response_p99_ns, &Interval::response_max_ns,
                      &Interval::lateness_p99_ns})
      slice.*part = rows.maybe_whole();
    trials[*trial].intervals.push_back(std::move(slice));
  }
}

// Whether the bucket can be taken; the row is blamed otherwise. Ranks are the order of the checks in scripts/crosstalk_csv.py.
bool check_bucket(CsvRows& rows, Naturals low, Naturals high, Naturals count) {
  // So many values in one bucket would take centuries; sums of fewer do not overflow.
  constexpr Naturals kMost = Naturals{1} << 53;
  const bool known = Histogram::is_bucket(low, high);
  if (high < low) {
    rows.blame(0, "bucket_high_ns: below bucket_low_ns");
  } else if (!known) {
    rows.blame(1, "bucket_low_ns, bucket_high_ns: no bucket of this version's histogram, got " +
                      std::to_string(low) + " to " + std::to_string(high));
  }
  if (count > kMost)
    rows.blame(2, "count: must be at most " + std::to_string(kMost) + ", got " + std::to_string(count));
  return known && count <= kMost;
}

}  // namespace

std::vector<RecordedTrial> read_trials(const fs::path& folder) {
  const fs::path runs = folder / "runs.csv", intervals = folder / "intervals.csv",
                 clients = folder / "clients.csv";
  std::vector<RecordedTrial> trials = read_trials(runs.string(), bytes_of(runs));
  if (is_there(intervals)) read_intervals(intervals.string(), bytes_of(intervals), trials);
  if (is_there(clients)) read_clients(clients.string(), bytes_of(clients), trials);
  return trials;
}

std::vector<RecordedTrial> read_trials(const std::string& name, std::string_view bytes) {
  return TrialReader(name, bytes).read();
}

void read_clients(const std::string& name, std::string_view bytes, std::vector<RecordedTrial>& trials) {
  TrialIndex index = index_of(trials);
  CsvRows rows(name, bytes, clients_columns());
  while (rows.next()) {
    const std::string_view run_id = rows.text();
    const auto trial = index.find(run_id, rows.whole());
    const std::string_view measure = rows.text();
    const Naturals share = rows.whole();
    // Ranks are the order of the checks in scripts/crosstalk_csv.py.
    if (measure != "completed_share" && measure != "mean_response_ns")
      rows.blame(0, "measure: unknown: " + quoted_cell(measure));
    if (share >= ClientCurve::kPoints)
      rows.blame(1, "share_pct: must be at most 100, got " + std::to_string(share));
    if (!trial || share >= ClientCurve::kPoints) continue;
    ClientService& service = trials[*trial].clients;
    service.measure = measure;
    service.curve.value[share] = rows.real();
    service.curve.clients = trials[*trial].identity.clients;
  }
}

void read_latency(const fs::path& folder, const std::vector<RecordedTrial>& trials,
                  const std::function<void(const LatencyRow&)>& visit) {
  const fs::path file = folder / "latency.csv";
  if (is_there(file)) read_latency(file.string(), bytes_of(file), trials, visit);
}

void read_latency(const std::string& name, std::string_view bytes, const std::vector<RecordedTrial>& trials,
                  const std::function<void(const LatencyRow&)>& visit) {
  TrialIndex index = index_of(trials);
  CsvRows rows(name, bytes, latency_columns());
  while (rows.next()) {
    const std::string_view run_id = rows.text();
    const auto trial = index.find(run_id, rows.whole());
    const std::string_view op = rows.text();
    const std::string_view metric = rows.text();
    const Naturals low = rows.whole();
    const Naturals high = rows.whole();
    const Naturals count = rows.whole();
    if (check_bucket(rows, low, high, count) && trial) visit({trials[*trial], op, metric, low, high, count});
  }
}

Facts read_environment(const fs::path& folder) {
  Facts facts;
  const fs::path file = folder / "environment.csv";
  if (!is_there(file)) return facts;
  const std::string bytes = bytes_of(file);
  CsvRows rows(file.string(), bytes, environment_columns());
  while (rows.next()) {
    const std::string key(rows.text());
    facts.emplace_back(key, rows.text());
  }
  return facts;
}

}  // namespace crosstalk::reports
