#include "harness/prometheus_export.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("families have help, type and samples in base units", "[harness][prometheus_export]") {
  const WrittenFolder written(usual_results());
  const std::string text = prometheus_text(written.read());
  CHECK_THAT(text, Catch::Contains(
                       "# TYPE crosstalk_throughput_operations_per_second gauge\n"
                       "crosstalk_throughput_operations_per_second{scenario=\"team\",strategy=\"a/a\",load=\""
                       "closed, 5,000 clients, 2 drivers\",trace_hash=\"0000000000000000\"} 110000\n"));
  CHECK_THAT(text, Catch::Contains("# TYPE crosstalk_response_seconds histogram\n") ||
                       Catch::Contains("# TYPE crosstalk_service_seconds histogram\n"));
}

TEST_CASE("buckets are cumulative and end with all values", "[harness][prometheus_export]") {
  const WrittenFolder written(usual_results());
  std::istringstream lines(prometheus_text(written.read()));
  std::map<std::string, std::uint64_t> last;  // by labels without le
  std::size_t buckets = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("crosstalk_service_seconds_bucket")) continue;
    ++buckets;
    const std::string labels = line.substr(0, line.find(",le="));
    const auto count = std::stoull(line.substr(line.rfind(' ') + 1));
    CHECK(count >= last[labels]);
    last[labels] = count;
    // Of a/a half of the values are 100 ns, the others 300 ns.
    if (line.find("strategy=\"a/a\"") != std::string::npos &&
        line.find("le=\"1.27e-07\"") != std::string::npos)
      CHECK(count == 1'000);
    if (line.find("strategy=\"a/a\"") != std::string::npos && line.find("le=\"+Inf\"") != std::string::npos)
      CHECK(count == 2'000);
  }
  CHECK(buckets == 3 * 30);
}

TEST_CASE("labels are escaped", "[harness][prometheus_export]") {
  const WrittenFolder written({tournament_trial("a\\b\"c", 0, 1'000)});
  CHECK_THAT(prometheus_text(written.read()), Catch::Contains("strategy=\"a\\\\b\\\"c\""));
}

TEST_CASE("a strategy without a sound trial counts as tried only", "[harness][prometheus_export]") {
  reports::RunResult result = tournament_trial("a/a", 0, 1'000);
  result.status = reports::Status::too_short;
  const WrittenFolder written({result});
  const std::string text = prometheus_text(written.read());
  CHECK_THAT(text, Catch::Contains("crosstalk_trials{"));
  CHECK(text.find("throughput") == std::string::npos);
  CHECK(text.find("_bucket") == std::string::npos);
}

}  // namespace
}  // namespace crosstalk::harness
