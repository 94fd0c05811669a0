#include "harness/glyphs.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

bool is_drawn_in_blocks(const Environment& environment) {
  return &glyphs_for(environment) == &block_glyphs();
}

TEST_CASE("blocks are drawn where the locale is UTF-8", "[harness][glyphs]") {
  CHECK(is_drawn_in_blocks({{"LANG", "de_DE.UTF-8"}}));
  CHECK(is_drawn_in_blocks({{"LC_CTYPE", "C.utf8"}}));
  CHECK_FALSE(is_drawn_in_blocks({}));
  CHECK_FALSE(is_drawn_in_blocks({{"LANG", "C"}}));
}

TEST_CASE("LC_ALL outweighs LC_CTYPE, and that LANG", "[harness][glyphs]") {
  CHECK_FALSE(is_drawn_in_blocks({{"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}));
  CHECK(is_drawn_in_blocks({{"LC_ALL", ""}, {"LC_CTYPE", "C.UTF-8"}, {"LANG", "C"}}));
}

}  // namespace
}  // namespace crosstalk::harness
