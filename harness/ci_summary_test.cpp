#include "harness/ci_summary.h"

#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("a summary has the answer, tables, warnings and the machine", "[harness][ci_summary]") {
  const WrittenFolder written(usual_results());
  const std::string text = ci_summary(written.read());
  CHECK_THAT(text, Catch::StartsWith("### crosstalk: team\n\n"));
  CHECK_THAT(text, Catch::Contains("#### closed, 5,000 clients, 2 drivers\n\n| strategy |"));
  CHECK_THAT(text, Catch::Contains("- **warning**: closed"));
  CHECK_THAT(text, Catch::Contains("- command: `crosstalk run`"));
}

TEST_CASE("a comparison's answer comes first", "[harness][ci_summary]") {
  const WrittenFolder written(usual_results(), "crosstalk compare");
  CHECK_THAT(ci_summary(written.read()),
             Catch::Contains("\n\n**closed, 5,000 clients, 2 drivers: best throughput: a/a"));
}

TEST_CASE("names are no markup", "[harness][ci_summary]") {
  reports::RunResult result = tournament_trial("a/<b>*x*`", 0, 1'000);
  result.status = reports::Status::too_short;
  result.status_reason = "see <script>";
  const WrittenFolder written({result});
  const std::string text = ci_summary(written.read());
  CHECK(text.find("see <script>") == std::string::npos);
  CHECK_THAT(text, Catch::Contains("see \\<script\\>"));
}

}  // namespace
}  // namespace crosstalk::harness
