#include "reports/csv_table.h"

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace crosstalk::reports {
namespace {

constexpr std::array<Column, 4> kFew{{
    {"schema_version", CellKind::natural, "", "", ""},
    {"name", CellKind::text, "", "", ""},
    {"count", CellKind::maybe_natural, "", "", ""},
    {"share", CellKind::decimal, "", "", ""},
}};

std::string refusal_of(std::string_view bytes) {
  try {
    CsvTable table("f.csv", bytes, kFew);
    while (table.next()) {
    }
    return "none";
  } catch (const CsvError& error) {
    return error.what();
  }
}

TEST_CASE("cells are read by column, whatever their order", "[reports][csv]") {
  const std::string bytes = "more,share,count,name,schema_version\nx,0.5,,\"a \"\"b\"\", c\",1\n,2,7,,1\n";
  CsvTable table("f.csv", bytes, kFew);
  const std::size_t name = table.place_of("name"), count = table.place_of("count"),
                    share = table.place_of("share");
  REQUIRE(table.next());
  CHECK(table.text(name) == "a \"b\", c");
  CHECK_FALSE(table.maybe_whole(count));
  CHECK(table.real(share) == 0.5);
  REQUIRE(table.next());
  CHECK(table.text(name).empty());
  CHECK(table.maybe_whole(count) == 7);
  CHECK_FALSE(table.next());
  CHECK_THROWS_AS(table.place_of("more"), std::logic_error);
}

TEST_CASE("of several faults one is told, always the same", "[reports][csv]") {
  const std::string header = "schema_version,name,count,share\n";
  CHECK(refusal_of(header + "2,a,1,x\n1,b,-1,1\n") ==
        "f.csv:3: count: must be a whole number from 0 to 9223372036854775807, got '-1'");
  CHECK(refusal_of(header + "1,a,1,x\n1,b,1,y\n") == "f.csv:2: share: must be a number, got 'x'");
  CHECK(refusal_of(header + "1,a,x,1\n1,b,1\n") == "f.csv:3: 3 cells, but the header has 4");
  CHECK(refusal_of(header + "2,a,1,1\n") == "f.csv:2: schema_version: must be 1, got 2");
}

TEST_CASE("a refusal is one line that does not fill a screen", "[reports][csv]") {
  const std::string header = "schema_version,name,count,share\n";
  CHECK(refusal_of(header + "1,a,1,\x1B" + std::string(500, '7') + "\n") ==
        "f.csv:2: share: must be a number, got '?" + std::string(59, '7') + "'...");
}

// The library counts lines in 32 bits: line 4294967297 would be line 1.
TEST_CASE("lines are counted beyond 2^32", "[reports][csv]") {
  const std::string bytes = "schema_version,name,count,share\n1,a,1,1\n1,b,1,1\n1,c,1\n";
  CsvTable table("f.csv", bytes, kFew);
  table.pretend_lines((std::uint64_t{1} << 32) - 1);
  REQUIRE(table.next());
  CHECK(table.line() == std::uint64_t{1} << 32);
  REQUIRE(table.next());
  CHECK_THROWS_WITH(table.next(), "f.csv:4294967298: 3 cells, but the header has 4");
}

TEST_CASE("a line longer than the library's buffer is refused", "[reports][csv]") {
  const std::string header = "schema_version,name,count,share\n";
  CHECK(refusal_of(header + "1," + std::string((1 << 24) - 8, 'x') + ",1,1\n") == "none");
  CHECK(refusal_of(header + "1," + std::string(1 << 24, 'x') + ",1,1\n") ==
        "f.csv:2: the line is longer than 16777215 bytes");
}

TEST_CASE("numbers are the nearest double, or refused", "[reports][csv]") {
  CHECK(real_of("1e-400") == 0.0);
  CHECK(real_of("0.0000001e-330") == 0.0);
  CHECK(real_of("-1e-99999999999999999999") == 0.0);
  CHECK(real_of("4e-324") == 5e-324);
  CHECK(real_of("1000e305") == 1e308);
  for (const char* bad : {"1e309", "1e99999999999999999999", "10000e305", "", "-", ".", "+1", "nan", "inf",
                          "-inf", "1e", "0x1"})
    CHECK_FALSE(real_of(bad));
  CHECK(whole_of("18446744073709551615", true) == 18446744073709551615U);
  CHECK_FALSE(whole_of("9223372036854775808"));
  CHECK_FALSE(whole_of("000000000000000000001"));
  CHECK(whole_of("999999999999999999") == 999999999999999999U);
  CHECK(whole_of("9223372036854775807") == 9223372036854775807U);
  CHECK(whole_of("00000000000000000007") == 7U);
  for (const char* bad :
       {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "12345678901234567/", "12345678901234567:"})
    CHECK_FALSE(whole_of(bad));
}

TEST_CASE("a file that cannot be read is refused with the system's reason", "[reports][csv]") {
  CHECK_THROWS_WITH(bytes_of("/nonexistent.csv"),
                    "/nonexistent.csv: cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(bytes_of("/proc"), "/proc: cannot be opened: Is a directory");
}

}  // namespace
}  // namespace crosstalk::reports
