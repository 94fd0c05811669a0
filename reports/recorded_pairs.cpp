#include "reports/recorded_pairs.h"

#include <utility>

#include "reports/csv_table.h"
#include "reports/gate_verdict.h"

namespace crosstalk::reports {

namespace {

std::vector<std::string> pair_columns() {
  std::vector<std::string> names{"scenario", "first", "disturbed"};
  for (const std::string side : {"base_", "head_"}) {
    for (const std::string column : {"seconds", "status"}) names.push_back(side + column);
    for (const GateMetric& metric : default_gate_metrics()) names.push_back(side + metric.name);
  }
  return names;
}

CellKind kind_of(const std::string& name) {
  if (name == "disturbed") return CellKind::flag;
  if (name == "scenario" || name == "first" || name.ends_with("_status")) return CellKind::text;
  return name.ends_with("_seconds") ? CellKind::decimal : CellKind::maybe_decimal;
}

// Views of the names.
std::vector<Column> columns_of(const std::vector<std::string>& names) {
  std::vector<Column> columns;
  for (const std::string& name : names) columns.push_back({name, kind_of(name), {}, {}, {}});
  return columns;
}

std::vector<std::optional<double>> values_of(const CsvTable& table, const std::string& side) {
  std::vector<std::optional<double>> values;
  for (const GateMetric& metric : default_gate_metrics()) {
    const std::optional<double> value = table.maybe_real(table.place_of(side + metric.name));
    values.push_back(value && *value > 0 ? value : std::nullopt);
  }
  return values;
}

bool is_sound(std::string_view status) {
  return status == "ok" || status == "saturated";
}

}  // namespace

std::vector<RecordedPair> recorded_pairs(const std::string& file) {
  const std::vector<std::string> names = pair_columns();
  const std::vector<Column> columns = columns_of(names);
  const std::string bytes = bytes_of(file);
  CsvTable table(file, bytes, columns);
  std::vector<RecordedPair> pairs;
  while (table.next()) {
    RecordedPair pair;
    pair.scenario = table.text(table.place_of("scenario"));
    pair.base_first = table.text(table.place_of("first")) == "base";
    pair.disturbed = table.whole(table.place_of("disturbed")) != 0;
    for (const std::string side : {"base_", "head_"}) {
      pair.sound = pair.sound && is_sound(table.text(table.place_of(side + "status")));
      pair.seconds += table.real(table.place_of(side + "seconds"));
    }
    pair.base = values_of(table, "base_");
    pair.head = values_of(table, "head_");
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace crosstalk::reports
