#include "reports/csv_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "reports/csv_table.h"

namespace crosstalk::reports {

namespace {

// Results of an older program may lack what was appended since.
constexpr std::array<std::string_view, 18> kRead{
    "schema_version", "run_id",         "block",           "trial",           "role",       "status",
    "verified",       "trace_hash",     "strategy",        "load_model",      "op",         "achieved_ops_s",
    "count",          "service_p50_ns", "response_p50_ns", "response_p99_ns", "cpu_user_s", "cpu_system_s"};

// Of the newest, or nothing.
constexpr std::array<std::string_view, 16> kLater{"delivery_last_p99_ns",
                                                  "errors",
                                                  "faults_minor",
                                                  "switches_voluntary",
                                                  "switches_involuntary",
                                                  "steal_pct",
                                                  "foreign_cpu_pct",
                                                  "repeats",
                                                  "counted_ops",
                                                  "locks_per_op",
                                                  "shared_locks_per_op",
                                                  "allocations_per_op",
                                                  "allocated_bytes_per_op",
                                                  "submits_per_op",
                                                  "wakeups_per_op",
                                                  "contended_locks_pct"};

class RunReader {
 public:
  RunReader(const std::string& name, std::string_view bytes) : table_(name, bytes, runs_columns(), kRead) {
    std::transform(kRead.begin(), kRead.end(), places_.begin(),
                   [this](std::string_view column) { return table_.place_of(column); });
    std::transform(kLater.begin(), kLater.end(), later_.begin(),
                   [this](std::string_view column) { return table_.maybe_place_of(column); });
  }

  std::vector<RunRow> read() {
    std::vector<RunRow> rows;
    while (table_.next()) {
      rows.push_back(row());
      check(rows.back());
    }
    return rows;
  }

 private:
  RunRow row() {
    RunRow row;
    row.run_id = table_.text(places_[1]);
    row.block = table_.whole(places_[2]);
    row.trial = table_.whole(places_[3]);
    row.role = table_.text(places_[4]);
    row.status = parse_status(table_.text(places_[5])).value_or(Status::failed);
    if (const auto verified = table_.maybe_whole(places_[6])) row.verified = *verified != 0;
    row.trace_hash = table_.text(places_[7]);
    row.strategy = table_.text(places_[8]);
    row.load_model = table_.text(places_[9]);
    row.op = table_.text(places_[10]);
    row.achieved_ops_s = table_.real(places_[11]);
    row.count = table_.whole(places_[12]);
    row.service_p50_ns = table_.maybe_whole(places_[13]);
    row.response_p50_ns = table_.maybe_whole(places_[14]);
    row.response_p99_ns = table_.maybe_whole(places_[15]);
    row.cpu_user_s = table_.real(places_[16]);
    row.cpu_system_s = table_.real(places_[17]);
    row.delivery_last_p99_ns = later_whole(0);
    row.errors = later_whole(1);
    row.faults_minor = later_whole(2);
    row.switches_voluntary = later_whole(3);
    row.switches_involuntary = later_whole(4);
    row.steal_pct = later_real(5);
    row.foreign_cpu_pct = later_real(6);
    row.repeats = later_whole(7);
    row.counted_ops = later_whole(8);
    row.locks_per_op = later_real(9);
    row.shared_locks_per_op = later_real(10);
    row.allocations_per_op = later_real(11);
    row.allocated_bytes_per_op = later_real(12);
    row.submits_per_op = later_real(13);
    row.wakeups_per_op = later_real(14);
    row.contended_locks_pct = later_real(15);
    return row;
  }

  [[nodiscard]] std::optional<std::uint64_t> later_whole(std::size_t which) const {
    return later_[which] ? table_.maybe_whole(*later_[which]) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> later_real(std::size_t which) const {
    return later_[which] ? table_.maybe_real(*later_[which]) : std::nullopt;
  }

  void check(const RunRow& row) {
    const std::string_view status = table_.text(places_[5]);
    if (!parse_status(status)) table_.blame(0, "status: unknown: " + quoted_cell(status));
    if (!seen_.emplace(row.run_id, row.trial, row.op).second) {
      table_.blame(1, "op " + row.op + " of trial " + std::to_string(row.trial) + " of run " + row.run_id +
                          " stands here for the second time");
    }
  }

  CsvTable table_;
  std::array<std::size_t, kRead.size()> places_{};
  std::array<std::optional<std::size_t>, kLater.size()> later_{};
  std::set<std::tuple<std::string, std::uint64_t, std::string>> seen_;
};

}  // namespace

std::vector<RunRow> read_runs(const std::filesystem::path& file) {
  return read_runs(file.string(), bytes_of(file));
}

std::vector<RunRow> read_runs(const std::string& name, std::string_view bytes) {
  return RunReader(name, bytes).read();
}

}  // namespace crosstalk::reports
