#include <benchmark/benchmark.h>

#include "workloads/generate.h"

namespace crosstalk::workloads {
namespace {

// One iteration makes a whole lap, the population included.
void make_trace_community(benchmark::State& state) {
  const Scenario scenario = load_scenario(find_scenario("community"), {"clients"}).scenario;
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  std::size_t operations = 0;
  for (auto _ : state) {
    const Trace trace = make_trace(scenario, 1, clients, {ArrivalLaw::poisson, 100'000});
    operations += trace.ops.size();
    benchmark::DoNotOptimize(trace.hash);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(operations));
}
BENCHMARK(make_trace_community)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace crosstalk::workloads
