#include "harness/gate/contamination.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("a disturbed block spoils its pair, wherever it stands and however fast it was",
          "[harness][gate]") {
  const reports::RunRow quiet;
  reports::RunRow disturbed;
  disturbed.status = reports::Status::contaminated;
  for (const double ops_s : {1.0, 1e9}) {
    disturbed.achieved_ops_s = ops_s;
    CHECK(is_disturbed(quiet, disturbed));
    CHECK(is_disturbed(disturbed, quiet));
  }
  CHECK_FALSE(is_disturbed(quiet, quiet));
}

TEST_CASE("more than three of ten repeats are too many", "[harness][gate]") {
  Repeats repeats;
  for (int i = 0; i < 9; ++i) repeats.note(true);
  CHECK_FALSE(repeats.too_many());  // too early to tell
  Repeats few;
  for (int i = 0; i < 10; ++i) few.note(i < 3);
  CHECK_FALSE(few.too_many());
  Repeats many;
  for (int i = 0; i < 10; ++i) many.note(i < 4);
  CHECK(many.too_many());
  CHECK(many.measured() == 10);
  CHECK(many.disturbed() == 4);
}

}  // namespace
}  // namespace crosstalk::harness::gate
