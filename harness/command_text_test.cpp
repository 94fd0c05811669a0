#include "harness/command_text.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

TEST_CASE("a command line is recorded as a shell takes it", "[harness][command_text]") {
  CHECK(command_text("run", {}) == "crosstalk run");
  CHECK(command_text("run", {"--strategy", "coarse/*", "--ops", "5k"}) ==
        "crosstalk run --strategy 'coarse/*' --ops 5k");
  CHECK(command_text("run", {"", "it's"}) == "crosstalk run '' 'it'\\''s'");
}

}  // namespace
}  // namespace crosstalk::harness
