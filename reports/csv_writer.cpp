#include "reports/csv_writer.h"

#include <cmath>
#include <cstdio>

#include "reports/schema.h"

namespace crosstalk::reports {

namespace fs = std::filesystem;

namespace {

fs::path created(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw OutputError(folder.string() + ": " + error.message());
  if (!fs::is_directory(folder)) throw OutputError(folder.string() + ": is not a folder");
  return folder;
}

void identity_cells(CsvText& text, const RunResult& result) {
  const TrialIdentity& id = result.identity;
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(id.trace_hash));
  text.cell(kSchemaVersion).cell(id.run_id).cell(id.block).cell(id.trial).cell(id.repetition).cell(id.role);
  text.cell(to_string(result.status)).cell(result.status_reason).cell(result.verified).cell(id.scenario);
  text.cell(hash).cell(id.time_scale).cell(id.seed).cell(id.strategy).cell(id.path).cell(id.pool);
  text.cell(id.dispatch)
      .cell(id.store)
      .cell(id.queue_policy)
      .cell(id.clients)
      .cell(id.threads)
      .cell(id.workers);
  text.cell(id.oversubscribed).cell(id.pin).cell(id.load_model);
}

void six_cells(CsvText& text, const Histogram& values) {
  for (const double p : {0.5, 0.9, 0.99, 0.999}) text.cell(values.percentile(p));
  if (values.empty()) {
    text.empty().empty();
    return;
  }
  text.cell(values.max()).cell(static_cast<std::uint64_t>(std::llround(values.mean())));
}

void anatomy_cells(CsvText& text, const std::optional<Anatomy>& anatomy) {
  for (const auto part : {&Anatomy::lateness_ns, &Anatomy::queue_ns, &Anatomy::lock_wait_ns,
                          &Anatomy::lock_hold_ns, &Anatomy::rest_ns}) {
    if (anatomy) {
      text.cell(*anatomy.*part);
    } else {
      text.empty();
    }
  }
}

void count_cells(CsvText& text, const OpResult& op) {
  if (op.counts) {
    const OpCounts& counts = *op.counts;
    text.cell(counts.operations).cell(counts.locks).cell(counts.shared_locks);
    text.cell(counts.allocations).cell(counts.allocated_bytes).cell(counts.submits).cell(counts.wakeups);
  } else {
    for (int i = 0; i < 7; ++i) text.empty();
  }
}

// Columns are only ever appended.
void later_cells(CsvText& text, const RunResult& result, const OpResult& op) {
  text.cell(result.identity.think).cell(result.identity.profile);
  text.cell(op.delivery_median.percentile(0.99)).cell(op.delivery_receive.percentile(0.99));
  anatomy_cells(text, op.anatomy);
  text.cell(result.faults_minor)
      .cell(result.faults_major)
      .cell(result.steal_pct)
      .cell(result.foreign_cpu_pct);
  text.cell(result.instructions).cell(result.cycles).cell(result.cache_misses).cell(result.branch_misses);
  text.cell(result.little_error_pct).cell(result.loop_error_pct);
  text.cell(result.steady_entered_ns).cell(result.steady_left_ns).cell(result.writer_gap_max_ns);
  text.cell(result.lock_wait_max_ns).cell(result.writer_wait_max_ns).cell(result.bypass_max);
  text.cell(result.anatomy_cost_pct);
  text.cell(result.identity.settings).cell(result.identity.outside_ns);
  text.cell(result.check_loop_pct).cell(result.identity.repeat).cell(result.repeats);
  count_cells(text, op);
  text.cell(result.contended_locks_pct);
}

void row(CsvText& text, const RunResult& result, const OpResult& op) {
  identity_cells(text, result);
  text.cell(op.op)
      .cell(op.offered_ops_s)
      .cell(op.achieved_ops_s)
      .cell(op.count)
      .cell(op.errors)
      .cell(op.rejected);
  text.cell(op.late).cell(op.expected).cell(op.delivered).cell(op.dropped).cell(op.discarded);
  six_cells(text, op.service);
  six_cells(text, op.response);
  text.cell(op.queue.percentile(0.99)).cell(op.lateness.percentile(0.99));
  text.cell(op.delivery_first.percentile(0.99)).cell(op.delivery_last.percentile(0.99));
  text.cell(op.reach).cell(op.duplicates).cell(op.inversions).cell(op.jain_clients).cell(op.jain_threads);
  text.cell(op.gap_max_ns).cell(result.floor_share).cell(result.check_cost_pct).cell(result.cpu_user_s);
  text.cell(result.cpu_system_s).cell(result.switches_voluntary).cell(result.switches_involuntary);
  text.cell(result.rss_max_bytes).cell(result.lock_bytes).cell(result.allocator).cell(result.build_type);
  text.cell(result.compiler).cell(result.commit);
  later_cells(text, result, op);
  text.end_row();
}

void buckets(CsvText& text, const RunResult& result, const OpResult& op, const char* metric,
             const Histogram& values) {
  values.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    text.cell(kSchemaVersion)
        .cell(result.identity.run_id)
        .cell(result.identity.trial)
        .cell(op.op)
        .cell(metric);
    text.cell(low).cell(high).cell(count);
    text.end_row();
  });
}

}  // namespace

CsvFile::CsvFile(const fs::path& path, const std::string& header) : file_(path, AppendMode::plain) {
  // Of two programs that begin one folder the second has to find what the first wrote.
  const AppendFile::Turn turn(file_);
  if (file_.empty()) {
    file_.append(header);
    return;
  }
  if (!file_.begins_with(header)) {
    file_.refuse("holds other columns than this program writes; choose another --out");
  }
  if (!file_.ends_with_newline()) file_.refuse("the last line is cut off; choose another --out");
}

ResultsWriter::ResultsWriter(const fs::path& folder)
    : folder_(created(folder)),
      runs_(folder / "runs.csv", header_of(runs_columns())),
      latency_(folder / "latency.csv", header_of(latency_columns())),
      intervals_(folder / "intervals.csv", intervals_header()),
      clients_(folder / "clients.csv", header_of(clients_columns())),
      environment_(folder / "environment.csv", header_of(environment_columns())) {}

void ResultsWriter::write(const RunResult& result) {
  latency_.append(latency_rows(result));
  intervals_.append(intervals_rows(result));
  clients_.append(clients_rows(result));
  runs_.append(runs_rows(result));
}

void ResultsWriter::write_environment(const std::vector<std::pair<std::string, std::string>>& facts) {
  CsvText text;
  for (const auto& [key, value] : facts) {
    text.cell(key).cell(value);
    text.end_row();
  }
  environment_.append(text.text());
}

std::string runs_rows(const RunResult& result) {
  CsvText text;
  for (const OpResult& op : result.ops) row(text, result, op);
  return text.text();
}

std::string latency_rows(const RunResult& result) {
  // Back to back and without a queue, response is service: once is enough.
  const bool equal = result.identity.load_model == "closed" && result.identity.path == "direct" &&
                     result.identity.think.empty();
  CsvText text;
  for (const OpResult& op : result.ops) {
    buckets(text, result, op, "service", op.service);
    if (!equal && op.op != "receive") buckets(text, result, op, "response", op.response);
    if (op.op != "all") continue;
    buckets(text, result, op, "queue", op.queue);
    buckets(text, result, op, "lateness", op.lateness);
    buckets(text, result, op, "delivery_first", op.delivery_first);
    buckets(text, result, op, "delivery_median", op.delivery_median);
    buckets(text, result, op, "delivery_last", op.delivery_last);
    buckets(text, result, op, "delivery_receive", op.delivery_receive);
  }
  return text.text();
}

std::string clients_rows(const RunResult& result) {
  CsvText text;
  if (result.clients.curve.clients == 0) return {};
  for (std::size_t p = 0; p < ClientCurve::kPoints; ++p) {
    text.cell(kSchemaVersion).cell(result.identity.run_id).cell(result.identity.trial);
    text.cell(result.clients.measure).cell(p).cell(result.clients.curve.value[p]);
    text.end_row();
  }
  return text.text();
}

std::string intervals_header() {
  return header_of(intervals_columns());
}

std::string intervals_rows(const RunResult& result) {
  CsvText text;
  for (const Interval& slice : result.intervals) {
    text.cell(kSchemaVersion).cell(result.identity.run_id).cell(result.identity.trial).cell(slice.op);
    text.cell(slice.phase)
        .cell(slice.start_ns)
        .cell(slice.length_ns)
        .cell(slice.offered)
        .cell(slice.completed);
    text.cell(slice.response_p50_ns).cell(slice.response_p99_ns).cell(slice.response_max_ns);
    text.cell(slice.lateness_p99_ns);
    text.end_row();
  }
  return text.text();
}

}  // namespace crosstalk::reports
