#include "harness/preliminaries.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "harness/campaign.h"
#include "reports/environment.h"

namespace crosstalk::harness {
namespace {

// An unfit build ends behind what was printed.
std::string said_before(const RunOptions& options) {
  std::ostringstream out, err;
  try {
    begin_measuring(Catalog(), options, {out, err});
    CHECK(reports::build_facts().fit);
  } catch (const UnfitBuild&) {
    CHECK_FALSE(reports::build_facts().fit);
  }
  CHECK(out.str().empty());
  return err.str();
}

TEST_CASE("notes and a chosen seed are told before anything is measured", "[harness][preliminaries]") {
  RunOptions options;
  options.notes = {"one thing", "another"};
  options.request.base.seed = 42;
  CHECK(said_before(options) == "note: one thing\nnote: another\n");
  options.seed_was_chosen = true;
  options.quiet = true;
  CHECK(said_before(options) == "seed: 42\n");
}

}  // namespace
}  // namespace crosstalk::harness
