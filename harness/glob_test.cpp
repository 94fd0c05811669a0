#include <catch2/catch.hpp>

#include <string>

#include "harness/glob.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("globs match as a shell's do", "[harness][glob]") {
  CHECK(glob_matches("sharded/*", "sharded/ticket"));
  CHECK(glob_matches("*", "sharded/ticket"));
  CHECK(glob_matches("*", ""));
  CHECK(glob_matches("*/t*k?t", "sharded/ticket"));
  CHECK(glob_matches("a*b*c", "a-b-b-c"));
  CHECK(glob_matches("sharded/[rt]*", "sharded/ticket"));
  CHECK(glob_matches("[a-c]x", "bx"));
  CHECK(glob_matches("[!a-c]x", "dx"));
  CHECK(glob_matches("[]]", "]"));
  CHECK(glob_matches("[!]]", "x"));
  CHECK(glob_matches("[a-]", "-"));
  CHECK(glob_matches("", ""));
  CHECK(glob_matches("a[b", "a[b"));  // never closed: itself
}

TEST_CASE("globs match the whole text or nothing", "[harness][glob]") {
  CHECK_FALSE(glob_matches("sharded", "sharded/ticket"));
  CHECK_FALSE(glob_matches("ticket", "sharded/ticket"));
  CHECK_FALSE(glob_matches("?", ""));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK_FALSE(glob_matches("[a-c]x", "dx"));
  CHECK_FALSE(glob_matches("[!a-c]x", "ax"));
  CHECK_FALSE(glob_matches("[!]]", "]"));
  CHECK_FALSE(glob_matches("a*b", "a-b-c"));
  CHECK_FALSE(glob_matches("a[b", "ab"));
}

// Matchers that try every star again take longer than the universe here.
TEST_CASE("many stars do not take exponential time", "[harness][glob]") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  CHECK_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
  CHECK(glob_matches(pattern, std::string(2000, 'a')));
}

TEST_CASE("a glob is told from a name", "[harness][glob]") {
  CHECK(is_glob("a*"));
  CHECK(is_glob("a?"));
  CHECK(is_glob("[a]"));
  CHECK_FALSE(is_glob("sharded/ticket"));
  CHECK_FALSE(is_glob(""));
}

}  // namespace
}  // namespace crosstalk::harness
