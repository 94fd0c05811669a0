#include <catch2/catch.hpp>

#include "reports/status.h"

namespace crosstalk::reports {
namespace {

OpResult row(std::uint64_t samples) {
  OpResult all;
  all.count = samples;
  all.achieved_ops_s = 1000;
  all.service.record(1000, samples);
  all.response.record(1000, samples);
  all.lateness.record(10, samples);
  return all;
}

TEST_CASE("each status has its cause", "[reports][status]") {
  CHECK(judge_row(row(1000), {}).status == Status::ok);
  CHECK(judge_row(row(11), {}).status == Status::too_short);
  CHECK(judge_row(row(11), {}).reason == "p50 from 11 samples; raise --duration or --ops");
  OpResult slow = row(1000);
  slow.offered_ops_s = 2000;
  CHECK(judge_row(slow, {}).status == Status::saturated);
  slow.lateness.record(5000, 1000);
  CHECK(judge_row(slow, {}).status == Status::generator);
  CHECK(judge_row(slow, 6000).status == Status::saturated);
  CHECK(judge_row(OpResult{}, {}).status == Status::too_short);
}

}  // namespace
}  // namespace crosstalk::reports
