#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "workloads/generate.h"
#include "workloads/trace_csv.h"

namespace crosstalk::workloads {
namespace {

class TemporaryFile {
 public:
  explicit TemporaryFile(const Trace& trace) {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
    const int descriptor = mkstemp(name.data());
    if (descriptor < 0) throw std::runtime_error("mkstemp");
    close(descriptor);
    path = name;
    std::ofstream out(path, std::ios::binary);
    write_trace_csv(out, trace);
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

// One iteration reads a file of about 100,000 rows.
void trace_csv_read(benchmark::State& state) {
  Scenario scenario;
  scenario.lap_operations = 100'000;
  const TemporaryFile file(make_trace(scenario, 1, 4'000, {ArrivalLaw::poisson, 1'000}));
  std::size_t rows = 0;
  for (auto _ : state) rows += read_trace_csv(file.path).rows.size();
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
}
BENCHMARK(trace_csv_read)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace crosstalk::workloads
