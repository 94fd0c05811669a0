#include "harness/live_file.h"

#include <algorithm>
#include <exception>

namespace crosstalk::harness {

namespace {

std::optional<std::uint64_t> known(std::uint64_t value) {
  if (value == LiveSlice::kNone) return std::nullopt;
  return value;
}

void add_closed(std::vector<reports::Interval>& into, const TrialReport& report, bool measured,
                bool open_loop) {
  const std::size_t count = report.live.count(measured);
  const std::uint64_t length_ns = measured ? report.interval_ns : report.warmup_interval_ns;
  for (std::size_t i = 0; i < count; ++i) {
    const LiveSlice& slice = report.live.slice(measured, i);
    reports::Interval row;
    row.op = "all";
    row.phase = measured ? "measure" : "warmup";
    row.start_ns = i * length_ns;
    // Of the warm-up the end is known; the measured phase has no closed slice that is its last.
    row.length_ns = measured ? length_ns : std::min(length_ns, report.warmup_ns - row.start_ns);
    row.completed = slice.completed;
    if (open_loop) row.offered = slice.offered;
    row.response_p50_ns = known(slice.response_p50_ns);
    row.response_p99_ns = known(slice.response_p99_ns);
    row.response_max_ns = known(slice.response_max_ns);
    row.lateness_p99_ns = known(slice.lateness_p99_ns);
    into.push_back(std::move(row));
  }
}

}  // namespace

std::vector<reports::Interval> closed_intervals(const TrialReport& report, bool open_loop) {
  std::vector<reports::Interval> rows;
  // The warm-up is shown as a whole, right before the first slice of the measured phase.
  if (report.live.count(true) == 0) return rows;
  add_closed(rows, report, false, open_loop);
  add_closed(rows, report, true, open_loop);
  return rows;
}

LiveFile::LiveFile(const std::filesystem::path& path) : file_(path, reports::intervals_header()) {}

void LiveFile::begin(const std::string& run_id, std::uint64_t trial, bool open_loop) {
  trial_.identity.run_id = run_id;
  trial_.identity.trial = trial;
  open_loop_ = open_loop;
  written_ = 0;
}

void LiveFile::follow(const TrialReport& report) noexcept {
  if (!failure_.empty()) return;
  try {
    append(closed_intervals(report, open_loop_));
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

void LiveFile::finish(const reports::RunResult& result) noexcept {
  append(result.intervals);
}

void LiveFile::append(const std::vector<reports::Interval>& intervals) noexcept {
  if (!failure_.empty() || intervals.size() <= written_) return;
  try {
    trial_.intervals.assign(intervals.begin() + static_cast<std::ptrdiff_t>(written_), intervals.end());
    file_.append(reports::intervals_rows(trial_));
    written_ = intervals.size();
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

}  // namespace crosstalk::harness
