#include "harness/report_table.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

std::string cell_of(const TextTable& table, std::size_t row, const std::string& column) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const TextTable::Column& each) { return each.name == column; });
  REQUIRE(found != table.columns.end());
  return table.rows.at(row).at(static_cast<std::size_t>(found - table.columns.begin()));
}

TEST_CASE("programs get a row per load and strategy in bare numbers", "[harness][report_table]") {
  const WrittenFolder written(usual_results());
  std::vector<RecordedFolder> folders;
  folders.push_back(written.read());
  const TextTable table = report_table(folders);
  REQUIRE(table.rows.size() == 3);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  CHECK(cell_of(table, 0, "strategy") == "a/a");
  CHECK(cell_of(table, 0, "achieved_ops_s") == "110000");
  CHECK(cell_of(table, 0, "response_count") == "2000");
  CHECK(cell_of(table, 0, "response_max_ns") == "300");
  CHECK(cell_of(table, 0, "response_p999_ns").empty());  // 2,000 values are too few
  CHECK(cell_of(table, 0, "queue_p50_ns").empty());
  CHECK(cell_of(table, 0, "verified") == "1");
  CHECK(cell_of(table, 1, "status") == "ok:1 contaminated:1");
  CHECK(cell_of(table, 1, "sound") == "1");
  CHECK(cell_of(table, 2, "role") == "floor");
}

TEST_CASE("a broken law shows in the table", "[harness][report_table]") {
  auto results = usual_results();
  results.front().verified = false;
  const WrittenFolder written(results);
  std::vector<RecordedFolder> folders;
  folders.push_back(written.read());
  CHECK(cell_of(report_table(folders), 0, "verified") == "0");
}

}  // namespace
}  // namespace crosstalk::harness
