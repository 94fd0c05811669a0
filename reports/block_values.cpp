#include "reports/block_values.h"

#include <algorithm>
#include <array>
#include <set>

#include "reports/csv_table.h"
#include "reports/csv_text.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

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

class BlockReader {
 public:
  BlockReader(const std::string& name, std::string_view bytes) : table_(name, bytes, blocks_columns()) {
    std::transform(blocks_columns().begin(), blocks_columns().end(), places_.begin(),
                   [this](const Column& column) { return table_.place_of(column.name); });
  }

  std::vector<BlockValue> read() {
    std::vector<BlockValue> values;
    while (table_.next()) {
      values.push_back(value());
      check(values.back());
    }
    return values;
  }

 private:
  BlockValue value() const {
    const auto text = [this](std::size_t column) { return std::string(table_.text(places_[column])); };
    BlockValue value{.run_id = text(1), .load = text(2), .metric = text(3), .strategy = text(5)};
    value.better = table_.text(places_[4]) == "larger" ? Better::larger : Better::smaller;
    value.block = table_.whole(places_[6]);
    value.value = table_.real(places_[7]);
    return value;
  }

  void check(const BlockValue& value) {
    const std::string_view better = table_.text(places_[4]);
    if (better != "larger" && better != "smaller")
      table_.blame(0, "better: must be larger or smaller, got " + quoted_cell(better));
    if (value.value <= 0)
      table_.blame(1, "value: must be above 0, got " + std::string(table_.text(places_[7])));
    BlockField& field = field_of_value(fields_, value);
    if (field.better != value.better)
      table_.blame(2, "better: differs within " + value.load + ", " + value.metric);
    if (!contender_of(field, value.strategy).values.emplace(value.block, value.value).second)
      table_.blame(3,
                   "block " + std::to_string(value.block) + " of " + value.strategy + " stands there twice");
  }

  CsvTable table_;
  std::array<std::size_t, 8> places_{};
  std::vector<BlockField> fields_;  // in which a value may stand once
};

}  // namespace

std::string block_values_header() {
  return header_of(blocks_columns());
}

std::string block_values_line(const BlockValue& value) {
  CsvText text;
  text.cell(kSchemaVersion).cell(value.run_id).cell(value.load).cell(value.metric);
  text.cell(value.better == Better::larger ? "larger" : "smaller").cell(value.strategy);
  text.cell(value.block).cell(value.value);
  text.end_row();
  return text.text();
}

std::vector<BlockValue> read_block_values(const std::filesystem::path& file) {
  return read_block_values(file.string(), bytes_of(file));
}

std::vector<BlockValue> read_block_values(const std::string& name, std::string_view bytes) {
  return BlockReader(name, bytes).read();
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
