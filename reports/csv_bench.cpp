#include <benchmark/benchmark.h>

#include "reports/csv_text.h"

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

}  // namespace
}  // namespace crosstalk::reports
