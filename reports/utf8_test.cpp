#include "reports/utf8.h"

#include <catch2/catch.hpp>

namespace crosstalk::reports {
namespace {

TEST_CASE("what is UTF-8 stays as it is", "[reports][utf8]") {
  for (const char* text :
       {"", "plain", "\xC3\xA4", "\xE2\x82\xAC and more than eight bytes", "\xF0\x9F\x98\x80"}) {
    CHECK(not_utf8(text) == std::string_view::npos);
    CHECK(as_utf8(text) == text);
  }
}

TEST_CASE("each byte of no character becomes a replacement character", "[reports][utf8]") {
  CHECK(not_utf8("0123456789\xFF") == 10);
  CHECK(as_utf8("caf\xE9.csv") == "caf\xEF\xBF\xBD.csv");
  CHECK(as_utf8("cut \xE2\x82") == "cut \xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(as_utf8("\xC0\xAFx\xC3\xA4") == "\xEF\xBF\xBD\xEF\xBF\xBDx\xC3\xA4");  // overlong
  CHECK(as_utf8("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");    // a surrogate
}

}  // namespace
}  // namespace crosstalk::reports
