#include "reports/block_values.h"

#include <algorithm>
#include <array>
#include <set>

#include "reports/csv_cells.h"
#include "reports/csv_text.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

constexpr unsigned kCells = 8;

BlockValue to_value(const CsvCells<kCells>& cells, const std::array<char*, kCells>& c) {
  cells.check_version(c[0]);
  BlockValue value{.run_id = c[1], .load = c[2], .metric = c[3], .strategy = c[5]};
  const std::string better = c[4];
  if (better != "larger" && better != "smaller")
    cells.fail("better: must be larger or smaller, got '" + better + "'");
  value.better = better == "larger" ? Better::larger : Better::smaller;
  value.block = cells.number<std::uint64_t>("block", c[6]);
  value.value = cells.number<double>("value", c[7]);
  if (value.value <= 0) cells.fail(std::string("value: must be above 0, got ") + c[7]);
  return value;
}

Contender& contender_of(BlockField& field, const std::string& name) {
  for (Contender& each : field.contenders) {
    if (each.name == name) return each;
  }
  return field.contenders.emplace_back(Contender{.name = name, .values = {}});
}

BlockField& field_of_value(std::vector<BlockField>& fields, const BlockValue& value) {
  for (BlockField& each : fields) {
    if (each.run_id == value.run_id && each.load == value.load && each.metric == value.metric) return each;
  }
  return fields.emplace_back(BlockField{value.run_id, value.load, value.metric, value.better, {}});
}

void add_to(std::vector<BlockField>& fields, const BlockValue& value, const CsvCells<kCells>& cells) {
  BlockField& field = field_of_value(fields, value);
  if (field.better != value.better) cells.fail("better: differs within " + value.load + ", " + value.metric);
  if (!contender_of(field, value.strategy).values.emplace(value.block, value.value).second)
    cells.fail("block " + std::to_string(value.block) + " of " + value.strategy + " stands there twice");
}

}  // namespace

std::string block_values_header() {
  CsvText text;
  for (const Column& column : blocks_columns()) text.cell(column.name);
  text.end_row();
  return text.text();
}

std::string block_values_line(const BlockValue& value) {
  CsvText text;
  text.cell(kSchemaVersion).cell(value.run_id).cell(value.load).cell(value.metric);
  text.cell(value.better == Better::larger ? "larger" : "smaller").cell(value.strategy);
  text.cell(value.block).cell(value.value);
  text.end_row();
  return text.text();
}

std::vector<BlockValue> read_block_values(const std::filesystem::path& path) {
  const std::string file = path.string();
  check_bytes(file);
  try {
    CellReader<kCells> reader(file);
    reader.read_header(io::ignore_extra_column, "schema_version", "run_id", "load", "metric", "better",
                       "strategy", "block", "value");
    const CsvCells<kCells> cells(file, reader);
    std::vector<BlockValue> values;
    std::vector<BlockField> fields;  // in which a value may stand once
    std::array<char*, kCells> c{};
    while (reader.read_row(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7])) {
      values.push_back(to_value(cells, c));
      add_to(fields, values.back(), cells);
    }
    return values;
  } catch (const io::error::base& error) {
    throw CsvError(file + ": " + error.what());
  }
}

std::vector<BlockField> fields_of(const std::vector<BlockValue>& values) {
  std::vector<BlockField> fields;
  for (const BlockValue& value : values) {
    contender_of(field_of_value(fields, value), value.strategy).values[value.block] = value.value;
  }
  return fields;
}

std::vector<std::vector<Contender>> cut(const BlockField& field, std::size_t blocks) {
  std::set<std::uint64_t> all;
  for (const Contender& each : field.contenders) {
    for (const auto& [block, value] : each.values) all.insert(block);
  }
  const std::vector<std::uint64_t> order(all.begin(), all.end());
  std::vector<std::vector<Contender>> parts;
  for (std::size_t first = 0; first + blocks <= order.size(); first += blocks) {
    std::vector<Contender> part;
    for (const Contender& each : field.contenders) {
      const auto begin = each.values.lower_bound(order[first]);
      const auto end = each.values.upper_bound(order[first + blocks - 1]);
      part.push_back({.name = each.name, .values = {begin, end}});
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace crosstalk::reports
