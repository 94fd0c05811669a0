#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "harness/capacity_options.h"
#include "harness/command_line_test_support.h"
#include "reports/metrics.h"
#include "workloads/op.h"

namespace crosstalk::harness {
namespace {

CapacityRequest capacity_of(Arguments arguments, const Environment& environment = {}) {
  use_built_in_scenarios();
  return parse_capacity(fake_catalog(), arguments, environment);
}

TEST_CASE("capacity has defaults that flags outweigh", "[harness][capacity]") {
  const CapacityRequest plain = capacity_of({"--slo", "post.response.p99<2ms"});
  CHECK(plain.run.request.base.load == LoadModel::poisson);
  CHECK(plain.run.request.base.duration_ns == 1'000'000'000);
  CHECK(plain.run.request.base.warmup_ns == 200'000'000);
  CHECK(plain.search.start_ops_s == 1000);
  CHECK(plain.search.limit_ops_s == 1e8);
  CHECK(plain.search.precision == 0.05);
  CHECK(plain.search.confirmations == 3);
  REQUIRE(plain.conditions.size() == 1);
  CHECK(plain.conditions[0].op == "post");
  const CapacityRequest chosen =
      capacity_of({"--slo", "response.p99<2ms", "--slo=reach>=99.9%", "--from", "500", "--limit=20k/s",
                   "--precision", "2%", "--repetitions", "5", "--duration", "3s", "--threads", "1,2"});
  REQUIRE(chosen.conditions.size() == 2);
  CHECK(chosen.conditions[1].metric.name == "reach");
  CHECK(chosen.search.start_ops_s == 500);
  CHECK(chosen.search.limit_ops_s == 20'000);
  CHECK(chosen.search.precision == Approx(0.02));
  CHECK(chosen.search.confirmations == 5);
  CHECK(chosen.run.request.threads == std::vector<unsigned>{1, 2});
  CHECK(capacity_of({"--slo", "reach>=0.9", "--precision", "0.1"}).search.precision == 0.1);
}

TEST_CASE("conditions come from every place where flags may stand", "[harness][capacity]") {
  CHECK(capacity_of({}, {{"CROSSTALK_SLO", "response.p99<1ms,reach>=1"}}).conditions.size() == 2);
  const TestFolder folder;
  const std::string config = folder.put("c.ini", "slo = service.p50<1us\nfrom = 2k\n");
  const CapacityRequest request = capacity_of({"--config", config});
  CHECK(request.conditions.at(0).metric.name == "service_p50_ns");
  CHECK(request.search.start_ops_s == 2000);
}

TEST_CASE("what capacity cannot obey is refused", "[harness][capacity]") {
  CHECK_THROWS_WITH(capacity_of({}), Catch::StartsWith("--slo: must be given at least once"));
  CHECK_THROWS_WITH(capacity_of({"--slo", "post.respnse.p99<2ms"}),
                    "--slo: threshold 'post.respnse.p99<2ms': unknown metric 'respnse.p99', did you mean "
                    "'response.p99'?");
  const Arguments good{"--slo", "response.p99<2ms"};
  const auto refused = [&](Arguments more, const char* message) {
    more.insert(more.begin(), good.begin(), good.end());
    CHECK_THROWS_WITH(capacity_of(more), Catch::StartsWith(message));
  };
  for (const char* flag : {"--load", "--rate", "--trace", "--time-scale", "--stages", "--think", "--plan"})
    refused({flag, "1"}, flag);
  refused({"--dry-run"}, "--dry-run");
  refused({"--repetitions", "2"}, "--repetitions: must be odd");
  refused({"--precision", "0.1%"}, "--precision: must be between 1 and 100");
  refused({"--precision", "2"}, "--precision: must be between 0.01 and 1");
  refused({"--from", "10k", "--limit", "5k"}, "--limit: must be at least --from (10000), got 5000");
  refused({"--from", "0"}, "--from: must be between");
  refused({"--clients", "10,20"}, "--clients: capacity takes one value, got 2");
  CHECK_THROWS_AS(parse_run(fake_catalog(), good, {}), UsageError);  // run has no --slo
}

TEST_CASE("capacity judges by --slo, and says so of thresholds", "[harness][capacity]") {
  const Arguments good{"--slo", "response.p99<2ms"};
  CHECK_THROWS_WITH(capacity_of({"--slo", "reach>=1", "--threshold", "reach>=1"}),
                    "--threshold: capacity judges its trials by --slo alone");
  CHECK_THROWS_WITH(capacity_of(good, {{"CROSSTALK_THRESHOLD", "reach>=1"}}),
                    Catch::StartsWith("CROSSTALK_THRESHOLD: capacity judges"));
  const TestFolder folder;
  const std::string scenario = folder.put("small.ini", "rooms = 2\nthreshold = reach>=1\n");
  const CapacityRequest request = capacity_of({"--slo", "response.p99<2ms", "--scenario", scenario});
  CHECK(request.run.thresholds.empty());
  REQUIRE_FALSE(request.run.notes.empty());
  CHECK_THAT(request.run.notes.back(), Catch::StartsWith("the scenario's threshold is not judged"));
}

TEST_CASE("conditions know every kind of operation", "[harness][capacity]") {
  const auto names = reports::op_names();
  CHECK(names.size() == workloads::kOpKindCount + 1);
  for (std::size_t i = 0; i < workloads::kOpKindCount; ++i) {
    const auto name = workloads::to_string(static_cast<workloads::OpKind>(i));
    INFO(name);
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  }
}

}  // namespace
}  // namespace crosstalk::harness
