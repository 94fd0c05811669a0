#include "harness/markdown_text.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

TEST_CASE("names of functions stay what they are in Markdown", "[harness]") {
  CHECK(markdown_text("lock<int>(char*, void*) a|b `c` \\d") ==
        R"(lock\<int>(char\*, void\*) a\|b \`c\` \\d)");
  CHECK(markdown_text("solo_team, +10.0 %") == "solo_team, +10.0 %");
  CHECK(markdown_text("two\nlines") == "two lines");
}

}  // namespace
}  // namespace crosstalk::harness
