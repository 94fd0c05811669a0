#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "reports/csv_text.h"
#include "reports/csv_writer.h"
#include "reports/results_reader.h"
#include "reports/results_test_help.h"

namespace crosstalk::reports {
namespace {

// One iteration is one row of 12 cells, as in latency.csv and intervals.csv but wider.
void csv_format_row(benchmark::State& state) {
  CsvText text;
  std::uint64_t n = 0;
  for (auto _ : state) {
    text.cell(1).cell("20260101T000000-1").cell(n).cell("post").cell("response");
    for (int i = 0; i < 7; ++i) text.cell(n * 977 + 123456);
    text.end_row();
    if (++n % 4096 == 0) text.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(csv_format_row);

// The same rows on their way into a file, a few thousand at a time.
void csv_write_rows(benchmark::State& state) {
  constexpr int kRows = 4096;
  const ResultsFolder folder;
  CsvFile file(folder.path / "rows.csv", "a,b,c,d,e,f,g,h,i,j,k,l\n");
  for (auto _ : state) {
    CsvText text;
    for (int n = 0; n < kRows; ++n) {
      text.cell(1).cell("20260101T000000-1").cell(n).cell("post").cell("response");
      for (std::uint64_t i = 0; i < 7; ++i) text.cell(static_cast<std::uint64_t>(n) * 977 + 123456 + i);
      text.end_row();
    }
    file.append(text.text());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
// A fixed number, or the file would grow as long as the machine is fast.
BENCHMARK(csv_write_rows)->Iterations(200);

// Rows of 13 cells read back, checked and converted: intervals.csv of one trial.
void csv_read_rows(benchmark::State& state) {
  constexpr int kRows = 200'000;
  const ResultsFolder folder;
  RunResult result = sample_result("20260101T000000Z-1", 7, "a/b");
  result.intervals.resize(kRows, result.intervals.front());
  for (std::size_t i = 0; i < result.intervals.size(); ++i) {
    Interval& slice = result.intervals[i];
    slice.start_ns = i * 1'000'000;
    slice.offered = slice.completed = i * 977 + 123'456;
    slice.response_p50_ns = slice.response_max_ns = slice.lateness_p99_ns = i + 123'456;
  }
  ResultsWriter(folder.path).write(result);
  for (auto _ : state) benchmark::DoNotOptimize(read_trials(folder.path));
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(csv_read_rows)->Unit(benchmark::kMillisecond);

// Buckets of latency.csv, 8 cells.
void csv_read_buckets(benchmark::State& state) {
  constexpr int kTrials = 200;
  const ResultsFolder folder;
  ResultsWriter writer(folder.path);
  std::size_t rows = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    RunResult result = sample_result("20260101T000000Z-1", trial, "a/b");
    for (std::uint64_t value = 1; value < 1'000'000'000; value += value / 50 + 1)
      result.ops[0].service.record(value);
    writer.write(result);
  }
  const auto trials = read_trials(folder.path);
  for (auto _ : state) {
    rows = 0;
    read_latency(folder.path, trials, [&rows](const LatencyRow&) { ++rows; });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}
BENCHMARK(csv_read_buckets)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace crosstalk::reports
