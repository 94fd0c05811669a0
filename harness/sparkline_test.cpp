#include "harness/sparkline.h"

#include <catch2/catch.hpp>
#include <limits>

namespace crosstalk::harness {
namespace {

TEST_CASE("a line goes from nothing to the top", "[harness][sparkline]") {
  CHECK(sparkline({0, 50, 100}, 100, ascii_glyphs()) == "_=#");
  CHECK(sparkline({0, 100}, 100, block_glyphs()) == "▁█");
}

TEST_CASE("what is missing is blank, and what is beyond the top is the top", "[harness][sparkline]") {
  CHECK(sparkline({std::nullopt, 200, std::numeric_limits<double>::infinity()}, 100, ascii_glyphs()) ==
        " # ");
}

TEST_CASE("nothing at all is drawn lowest", "[harness][sparkline]") {
  CHECK(sparkline({0, 0}, 0, ascii_glyphs()) == "__");
  CHECK(sparkline({}, 1, ascii_glyphs()).empty());
}

TEST_CASE("neighbours become their mean", "[harness][sparkline]") {
  CHECK(squeezed({1, 3, 5, 7}, 2) == std::vector<std::optional<double>>{2, 6});
  CHECK(squeezed({1, std::nullopt, std::nullopt, std::nullopt}, 2) ==
        std::vector<std::optional<double>>{1, std::nullopt});
  CHECK(squeezed({1, 2}, 5) == std::vector<std::optional<double>>{1, 2});
  CHECK(squeezed({3, 3, 3, 3, 3}, 2) == std::vector<std::optional<double>>{3, 3});
}

}  // namespace
}  // namespace crosstalk::harness
