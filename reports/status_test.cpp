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
  CHECK(judge_row(slow, {.lateness_limit_ns = 6000}).status == Status::saturated);
  CHECK(judge_row(OpResult{}, {}).status == Status::too_short);
}

TEST_CASE("a server that completes nothing of what it is offered is saturated", "[reports][status]") {
  OpResult overwhelmed;
  overwhelmed.offered_ops_s = 1e6;
  CHECK(judge_row(overwhelmed, {}).status == Status::saturated);
  CHECK(judge_row(overwhelmed, {}).reason ==
        "completed 0.0 % of the offered operations; the server cannot sustain this rate");
}

TEST_CASE("who stalls at the end of an open loop is saturated, as no latency shows it", "[reports][status]") {
  OpResult all = row(1000);
  all.offered_ops_s = 1040;
  CHECK(judge_row(all, {}).status == Status::ok);
  CHECK(judge_row(all, {}, {.waiting = 0.01}).status == Status::ok);
  const Judgement stalled = judge_row(all, {}, {.waiting = 0.038});
  CHECK(stalled.status == Status::saturated);
  CHECK(
      stalled.reason ==
      "3.8 % of the offered operations had not been started at the end, and no latency knows of them; lower --rate "
      "or raise --duration");
  all = row(559);  // too few for a p99, which cannot be wrong
  all.offered_ops_s = 1040;
  CHECK(judge_row(all, {}, {.waiting = 0.038}).status == Status::ok);
}

TEST_CASE("what is under way at the end of an open loop is not lost", "[reports][status]") {
  OpResult slow = row(1000);
  slow.offered_ops_s = 1060;  // responses of 60 ms in a window of a second
  CHECK(judge_row(slow, {}).status == Status::saturated);
  CHECK(judge_row(slow, {}, {.under_way = 0.057}).status == Status::ok);
}

TEST_CASE("what others take of the machine contaminates a row", "[reports][status]") {
  const OpResult good = row(1000);
  CHECK(judge_row(good, {.steal_pct = 2.0, .foreign_cpu_pct = 5.0}).status == Status::ok);
  const Judgement stolen = judge_row(good, {.steal_pct = 2.1, .foreign_cpu_pct = 50});
  CHECK(stolen.status == Status::contaminated);
  CHECK(
      stolen.reason ==
      "the hypervisor gave 2.1 % of the processors to others (limit 2.0 %); measure again, or on a machine of its own");
  const Judgement shared = judge_row(good, {.foreign_cpu_pct = 5.1});
  CHECK(shared.status == Status::contaminated);
  CHECK(
      shared.reason ==
      "other programs took 5.1 % of the processors (limit 5.0 %, --foreign-limit); stop them and measure again");
  OpResult slow = row(1000);
  slow.offered_ops_s = 2000;
  CHECK(judge_row(slow, {.foreign_cpu_pct = 10}).status == Status::contaminated);
  CHECK(judge_row(good, {.foreign_cpu_pct = 10, .foreign_limit_pct = 20}).status == Status::ok);
  CHECK(judge_row(good, {.steal_pct = 99, .foreign_cpu_pct = 99, .foreign_limit_pct = 100}).status ==
        Status::ok);
  CHECK(judge_row(row(3), {.foreign_cpu_pct = 10}).status == Status::too_short);
}

}  // namespace
}  // namespace crosstalk::reports
