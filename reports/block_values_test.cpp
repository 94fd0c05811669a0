#include "reports/block_values.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reports/csv_reader.h"
#include "reports/schema.h"

namespace crosstalk::reports {
namespace {

constexpr const char* kLoad = "closed, 5 clients, 2 drivers";

std::filesystem::path blocks_file(const std::string& content) {
  const auto file = std::filesystem::temp_directory_path() / "crosstalk_block_values_test.csv";
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

std::vector<BlockValue> example(std::uint64_t blocks) {
  std::vector<BlockValue> values;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    values.push_back({"r1", kLoad, "throughput", Better::larger, "a/a", block, 100.5 + double(block)});
    values.push_back({"r1", kLoad, "throughput", Better::larger, "b/b", block, 50});
    values.push_back({"r1", kLoad, "response_p99", Better::smaller, "a/a", block, 1e9 / 3});
  }
  return values;
}

std::string text_of(const std::vector<BlockValue>& values) {
  std::string text = block_values_header();
  for (const BlockValue& value : values) text += block_values_line(value);
  return text;
}

std::string refusal(const std::string& content) {
  try {
    static_cast<void>(read_block_values(blocks_file(content)));
  } catch (const CsvError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("block values are read back as they were written", "[reports][block_values]") {
  const std::vector<BlockValue> written = example(3);
  const std::vector<BlockValue> values = read_block_values(blocks_file(text_of(written)));
  REQUIRE(values.size() == written.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i].run_id == written[i].run_id);
    CHECK(values[i].load == written[i].load);
    CHECK(values[i].metric == written[i].metric);
    CHECK(values[i].better == written[i].better);
    CHECK(values[i].strategy == written[i].strategy);
    CHECK(values[i].block == written[i].block);
    CHECK(values[i].value == written[i].value);
  }
  for (const Column& column : blocks_columns()) CHECK_FALSE(column.meaning.empty());
}

TEST_CASE("values are sorted by run, load and metric, then by strategy", "[reports][block_values]") {
  const std::vector<BlockField> fields = fields_of(example(4));
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].metric == "throughput");
  REQUIRE(fields[0].contenders.size() == 2);
  CHECK(fields[0].contenders[0].values.at(3) == 103.5);
  CHECK(fields[1].better == Better::smaller);
  CHECK(fields[1].contenders.size() == 1);
}

TEST_CASE("a field is cut into tournaments, and what is left over is left out", "[reports][block_values]") {
  std::vector<BlockValue> values = example(7);
  // One block lacks a strategy: it counts all the same, as it does in the tournament it was measured in.
  std::erase_if(values, [](const BlockValue& value) { return value.block == 2 && value.strategy == "b/b"; });
  const auto parts = cut(fields_of(values).front(), 3);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0][0].values.size() == 3);
  CHECK(parts[0][1].values.size() == 2);
  CHECK(parts[1][0].values.begin()->first == 3);
  CHECK(parts[1][1].values.rbegin()->first == 5);
  CHECK(cut(fields_of(values).front(), 8).empty());
}

TEST_CASE("damaged block values are refused with line and reason", "[reports][block_values]") {
  const std::string good = text_of(example(1));
  const std::string header = block_values_header();
  const std::string line = block_values_line(example(1).front());
  CHECK(refusal(good).empty());
  CHECK(refusal(header + line + line).find(":3: block 0 of a/a stands there twice") != std::string::npos);
  CHECK(refusal(header + "1,r,l,m,larger,a/a,0,0\n").find(":2: value: must be above 0, got 0") !=
        std::string::npos);
  CHECK(refusal(header + "1,r,l,m,larger,a/a,0,inf\n").find("value: must be a number") != std::string::npos);
  CHECK(refusal(header + "1,r,l,m,larger,a/a,,1\n").find("block: must be a whole number") !=
        std::string::npos);
  CHECK(refusal(header + "1,r,l,m,more,a/a,0,1\n").find("better: must be larger or smaller") !=
        std::string::npos);
  CHECK(refusal(header + "9,r,l,m,larger,a/a,0,1\n").find("schema_version: must be") != std::string::npos);
  CHECK(refusal(header + "1,r,l,m,larger,a/a,0,1\n1,r,l,m,smaller,b/b,0,1\n").find(":3: better: differs") !=
        std::string::npos);
  CHECK_FALSE(refusal("strategy,block\na,1\n").empty());
  for (std::size_t length = 0; length < good.size(); ++length) {
    if (length > 0 && good[length - 1] == '\n') continue;  // whole lines
    INFO(length);
    CHECK_FALSE(refusal(good.substr(0, length)).empty());
  }
}

}  // namespace
}  // namespace crosstalk::reports
