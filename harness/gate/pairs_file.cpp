#include "harness/gate/pairs_file.h"

#include <array>

#include "harness/gate/metric_limits.h"

namespace crosstalk::harness::gate {

namespace {

constexpr int kPairsVersion = 1;

// Columns of each side, after those of its metrics.
constexpr std::array<std::string_view, 10> kOfSide{
    "layout",          "environment_pad",      "plan_row",     "count",   "steal_pct",
    "foreign_cpu_pct", "switches_involuntary", "faults_minor", "seconds", "status"};

std::string cpus_text(const std::vector<int>& cpus) {
  std::string text;
  for (const int cpu : cpus) text += (text.empty() ? "" : " ") + std::to_string(cpu);
  return text;
}

void add_side(reports::CsvText& line, const Block& block) {
  for (const reports::GateMetric& metric : reports::default_gate_metrics())
    line.cell(value_of(block.row, metric.name));
  line.cell(block.surroundings.layout)
      .cell(block.surroundings.environment_pad)
      .cell(block.surroundings.plan_row)
      .cell(block.row.count)
      .cell(block.row.steal_pct)
      .cell(block.row.foreign_cpu_pct)
      .cell(block.row.switches_involuntary)
      .cell(block.row.faults_minor)
      .cell(block.seconds)
      .cell(to_string(block.row.status));
}

}  // namespace

std::string_view to_string(PairUse use) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"search", "confirm", "control"};
  return kNames[static_cast<std::size_t>(use)];
}

std::string pairs_header() {
  std::string header = "schema_version,pair,scenario,use,first,disturbed,trace_hash,cpus";
  for (const std::string side : {"base", "head"}) {
    for (const reports::GateMetric& metric : reports::default_gate_metrics())
      header += "," + side + "_" + metric.name;
    for (const std::string_view column : kOfSide) header += "," + side + "_" + std::string(column);
  }
  return header + "\n";
}

std::string pairs_row(const MeasuredPair& pair) {
  reports::CsvText line;
  line.cell(kPairsVersion)
      .cell(pair.number)
      .cell(pair.scenario)
      .cell(to_string(pair.use))
      .cell(pair.base_first ? "base" : "head")
      .cell(pair.disturbed)
      .cell(pair.base.row.trace_hash)
      .cell(cpus_text(pair.base.surroundings.cpus));
  add_side(line, pair.base);
  add_side(line, pair.head);
  line.end_row();
  return line.text();
}

}  // namespace crosstalk::harness::gate
