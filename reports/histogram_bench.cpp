#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include "reports/histogram.h"

namespace crosstalk::reports {
namespace {

// Log-normal around 1 us, drawn before the timing.
std::vector<std::uint64_t> latencies() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> shape(7, 1);
  std::vector<std::uint64_t> values(1 << 12);
  for (auto& value : values) value = static_cast<std::uint64_t>(shape(random));
  return values;
}

void histogram_record(benchmark::State& state) {
  const auto values = latencies();
  Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ & (values.size() - 1)]);
  benchmark::DoNotOptimize(histogram);
}
BENCHMARK(histogram_record);

void histogram_merge(benchmark::State& state) {
  Histogram from;
  for (const auto value : latencies()) from.record(value);
  Histogram into;
  for (auto _ : state) {
    into.merge(from);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(histogram_merge);

}  // namespace
}  // namespace crosstalk::reports
