#include "harness/json_text.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

TEST_CASE("text is quoted, and what JSON forbids in it replaced", "[harness][json_text]") {
  CHECK(json_text("plain") == "\"plain\"");
  CHECK(json_text("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_text("a\nb\x01") == "\"a b \"");
  CHECK(json_text("\xff") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("a number is one by the grammar of JSON", "[harness][json_text]") {
  for (const char* number : {"0", "-1", "1.5", "1e9", "2E-3"}) CHECK(is_json_number(number));
  for (const char* other : {"", "01", "+1", ".5", "1.", "nan", "inf", "0x1", "1 "})
    CHECK_FALSE(is_json_number(other));
}

}  // namespace
}  // namespace crosstalk::harness
