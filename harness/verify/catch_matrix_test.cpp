#include "harness/verify/catch_matrix.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

TEST_CASE("a lock that excludes nobody is caught, the same lock without the bug is not",
          "[harness][verify][stress]") {
  const auto rows = run_self_test({.seconds = 1, .seeds = 2, .first_seed = 1, .pattern = "M00"}, nullptr,
                                  [](const SelfTestRow&) {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].kind == SpecimenKind::mutant);
  CHECK(rows[0].caught == 2);
  CHECK(rows[0].property == "exclusion");
  CHECK(rows[1].kind == SpecimenKind::twin);
  CHECK(rows[1].caught == 0);
}

TEST_CASE("a plain stress test has no drills", "[harness][verify][stress]") {
  const auto caught = [](bool plain) {
    // A ticket lock that wraps at 256 waiters: only a crowd finds it.
    const auto rows =
        run_self_test({.seconds = 1, .seeds = 1, .first_seed = 1, .pattern = "M10", .plain = plain}, nullptr,
                      [](const SelfTestRow&) {});
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].caught == 0);
    return rows[0].caught;
  };
  CHECK(caught(true) == 0);
  CHECK(caught(false) == 1);
}

TEST_CASE("one seed in twenty may miss a mutant, no decoy may be accused", "[harness][verify]") {
  SelfTestRow row{
      .specimen = "M01", .kind = SpecimenKind::mutant, .caught = 19, .seeds = 20, .expected = true};
  CHECK(as_expected(row));
  row.caught = 18;
  CHECK_FALSE(as_expected(row));
  row.expected = false;
  CHECK(as_expected(row));
  row.kind = SpecimenKind::decoy;
  CHECK_FALSE(as_expected(row));
}

TEST_CASE("every mutant has a twin, and says which property it breaks", "[harness][verify]") {
  const std::vector<Specimen> all = all_specimens();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind != SpecimenKind::mutant) continue;
    CHECK_FALSE(all[i].properties.empty());
    REQUIRE(i + 1 < all.size());
    CHECK(all[i + 1].name == all[i].name);
    CHECK(all[i + 1].kind == SpecimenKind::twin);
  }
}

}  // namespace crosstalk::harness::verify
