#include <catch2/catch.hpp>

#include <sstream>
#include <string>

#include "harness/printable.h"
#include "harness/text_table.h"

namespace crosstalk::harness {
namespace {

std::string printed(const TextTable& table, Format format, std::size_t width = 80) {
  std::ostringstream out;
  print_table(out, table, format, width);
  return out.str();
}

TextTable small() {
  TextTable table;
  table.columns = {{"lock"}, {"bytes", true}, {"notes"}};
  table.rows = {{"ticket", "8", "fair, \"spins\""}, {"m\u00fctex", "40", ""}, {"x", "", "a|b"}};
  return table;
}

TEST_CASE("a table is aligned by characters, numbers to the right", "[harness][table]") {
  CHECK(printed(small(), Format::table) ==
        "lock    bytes  notes\n"
        "------  -----  -------------\n"
        "ticket      8  fair, \"spins\"\n"
        "m\u00fctex      40\n"
        "x              a|b\n");
}

TEST_CASE("markdown, csv and json hold the same cells", "[harness][table]") {
  CHECK(printed(small(), Format::markdown) ==
        "| lock | bytes | notes |\n"
        "| --- | ---: | --- |\n"
        "| ticket | 8 | fair, \"spins\" |\n"
        "| m\u00fctex | 40 |  |\n"
        "| x |  | a\\|b |\n");
  CHECK(printed(small(), Format::csv) ==
        "lock,bytes,notes\n"
        "ticket,8,\"fair, \"\"spins\"\"\"\n"
        "m\u00fctex,40,\n"
        "x,,a|b\n");
  CHECK(printed(small(), Format::json) ==
        "[\n"
        "  {\"lock\": \"ticket\", \"bytes\": 8, \"notes\": \"fair, \\\"spins\\\"\"},\n"
        "  {\"lock\": \"m\u00fctex\", \"bytes\": 40, \"notes\": null},\n"
        "  {\"lock\": \"x\", \"bytes\": null, \"notes\": \"a|b\"}\n"
        "]\n");
}

TEST_CASE("a table without rows is a header, or an empty array", "[harness][table]") {
  TextTable table;
  table.columns = {{"a"}, {"b", true}};
  CHECK(printed(table, Format::table) == "a  b\n-  -\n");
  CHECK(printed(table, Format::csv) == "a,b\n");
  CHECK(printed(table, Format::json) == "[]\n");
}

TEST_CASE("text is broken at blanks and hyphens so that lines fit, and no word is lost", "[harness][table]") {
  TextTable table;
  table.columns = {{"name"}, {"n", true}, {"meaning"}};
  table.rows = {
      {"sharded/my-lock", "1234567", "one two three four five six seven test-and-test-and-set nine"},
      {"s", "1", "short"}};
  const std::string text = printed(table, Format::table, 40);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 40);
  CHECK(text ==
        "name                   n  meaning\n"
        "---------------  -------  --------------\n"
        "sharded/my-lock  1234567  one two three\n"
        "                          four five six\n"
        "                          seven test-\n"
        "                          and-test-and-\n"
        "                          set nine\n"
        "s                      1  short\n");
}

TEST_CASE("names are whole even where a line cannot fit", "[harness][table]") {
  TextTable table;
  table.columns = {{"a-first-name"}, {"strategy"}};
  table.rows = {{"long-first-name-of-it", "sharded/long-lock-name"}};
  const std::string text = printed(table, Format::table, 10);
  CHECK_THAT(text, Catch::Contains("long-first-name-of-it"));
  CHECK_THAT(text, Catch::Contains("sharded/long-lock-name"));
}

TEST_CASE("a numeric cell that JSON does not know as a number is a text there", "[harness][table]") {
  TextTable table;
  table.columns = {{"v", true}};
  for (const char* number : {"0", "-1", "1.5", "1e5", "2E-7"}) table.rows.push_back({number});
  CHECK_THAT(printed(table, Format::json), !Catch::Contains("\"0\"") && !Catch::Contains("e5\""));
  for (const char* other : {"007", "1.", ".5", "+1", "nan", "-", "1 ms", "1e"}) {
    table.rows = {{other}};
    CHECK(printed(table, Format::json) == "[\n  {\"v\": \"" + std::string(other) + "\"}\n]\n");
  }
}

TEST_CASE("no cell moves the cursor or breaks the encoding", "[harness][table]") {
  CHECK(printable("a\x1b[2J\nb\x7f") == "a [2J b ");
  CHECK(printable("\xc2\x9b") == " ");  // the one-byte escape of old terminals, as UTF-8
  CHECK(printable("\xff\xc3(\xe2\x82") == "\uFFFD\uFFFD(\uFFFD\uFFFD");
  CHECK(printable("\u00fc\u20ac\U0001F600") == "\u00fc\u20ac\U0001F600");
  TextTable table;
  table.columns = {{"a"}};
  table.rows = {{"x\ny"}};
  for (const Format format : {Format::table, Format::markdown, Format::csv, Format::json}) {
    CHECK_THAT(printed(table, format), Catch::Contains("x y"));
  }
}

}  // namespace
}  // namespace crosstalk::harness
