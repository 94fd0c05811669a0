#include "reports/schema.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

namespace crosstalk::reports {
namespace {

TEST_CASE("every column says what it means, how it is measured and when it is empty", "[reports][schema]") {
  for (const ResultFile& file : result_files()) {
    std::set<std::string_view> names;
    for (const Column& column : file.columns) {
      INFO(file.name << ", " << column.name);
      CHECK(names.insert(column.name).second);
      CHECK_FALSE(column.meaning.empty());
      CHECK_FALSE(column.measured.empty());
      CHECK_FALSE(column.empty.empty());
      const bool number = column.kind != CellKind::text;
      const bool maybe = column.kind == CellKind::maybe_natural || column.kind == CellKind::maybe_decimal ||
                         column.kind == CellKind::maybe_flag;
      if (number) CHECK((column.empty == "never") != maybe);
    }
  }
}

TEST_CASE("units are told from the end of a name, else from the kind", "[reports][schema]") {
  CHECK(unit_of({"response_p99_ns", CellKind::maybe_natural, "", "", ""}) == "ns");
  CHECK(unit_of({"cpu_user_s", CellKind::decimal, "", "", ""}) == "s");
  CHECK(unit_of({"achieved_ops_s", CellKind::decimal, "", "", ""}) == "ops/s");
  CHECK(unit_of({"steal_pct", CellKind::maybe_decimal, "", "", ""}) == "%");
  CHECK(unit_of({"lock_bytes", CellKind::maybe_natural, "", "", ""}) == "bytes");
  CHECK(unit_of({"verified", CellKind::maybe_flag, "", "", ""}) == "0 or 1");
  CHECK(unit_of({"reach", CellKind::maybe_decimal, "", "", ""}) == "number");
  CHECK(unit_of({"count", CellKind::natural, "", "", ""}) == "whole number");
  CHECK(unit_of({"op", CellKind::text, "", "", ""}) == "text");
}

TEST_CASE("a header is the names in their order", "[reports][schema]") {
  CHECK(header_of(environment_columns()) == "key,value\n");
}

}  // namespace
}  // namespace crosstalk::reports
