#include "reports/csv_rows.h"

#include <catch2/catch.hpp>

#include <array>

namespace crosstalk::reports {
namespace {

constexpr std::array<Column, 5> kKinds{{
    {"schema_version", CellKind::natural, "", "", ""},
    {"name", CellKind::text, "", "", ""},
    {"count", CellKind::maybe_natural, "", "", ""},
    {"share", CellKind::maybe_decimal, "", "", ""},
    {"sound", CellKind::flag, "", "", ""},
}};

TEST_CASE("cells are taken in the order of the schema, whatever that of the file", "[reports][csv]") {
  const std::string bytes = "sound,share,count,name,schema_version\n1,0.5,,a,1\n0,,7,b,1\n";
  CsvRows rows("f.csv", bytes, kKinds);
  REQUIRE(rows.next());
  CHECK(rows.line() == 2);
  CHECK(rows.text() == "a");
  CHECK_FALSE(rows.maybe_whole());
  CHECK(rows.maybe_real() == 0.5);
  CHECK(rows.flag());
  REQUIRE(rows.next());
  CHECK(rows.text() == "b");
  CHECK(rows.whole() == 7);
  CHECK_FALSE(rows.maybe_real());
  CHECK_FALSE(rows.flag());
  CHECK_FALSE(rows.next());
}

TEST_CASE("a reader that names columns takes these, and needs no others", "[reports][csv]") {
  constexpr std::array<std::string_view, 3> kNamed{"schema_version", "share", "name"};
  CsvRows rows("f.csv", "schema_version,name,share\n1,a,2\n", kKinds, kNamed);
  REQUIRE(rows.next());
  CHECK(rows.real() == 2);
  CHECK(rows.text() == "a");
  CHECK_THROWS_WITH(CsvRows("f.csv", "schema_version,name\n", kKinds, kNamed),
                    "f.csv:1: column missing: share");
}

TEST_CASE("a number that has to be above 0 is blamed on its row where it is not", "[reports][csv]") {
  const std::string header = "schema_version,name,share\n";
  constexpr std::array<std::string_view, 3> kNamed{"schema_version", "name", "share"};
  const auto refusal = [&](const std::string& lines) -> std::string {
    try {
      const std::string bytes = header + lines;
      CsvRows rows("f.csv", bytes, kKinds, kNamed);
      while (rows.next()) {
        static_cast<void>(rows.text());
        static_cast<void>(rows.maybe_positive(0, "share"));
      }
      return "none";
    } catch (const CsvError& error) {
      return error.what();
    }
  };
  CHECK(refusal("1,a,\n1,b,0.5\n") == "none");
  CHECK(refusal("1,a,1\n1,b,0\n1,c,-1\n") == "f.csv:3: share: must be above 0, got 0");
}

}  // namespace
}  // namespace crosstalk::reports
