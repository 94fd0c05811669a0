// The flags that say how load arrives: stages, envelope, think time, warm-up, and what is judged.
#include <catch2/catch.hpp>

#include <sstream>
#include <string>

#include "harness/command_line_test_support.h"
#include "harness/run_options.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kSecondOfLoad = 1'000'000'000;

PlanRow row_of(const Arguments& arguments) {
  return parsed(arguments).request.base;
}

TEST_CASE("stages say rate and duration", "[harness][options][load]") {
  const RunOptions options = parsed({"--stages", "2s:100,2s:100..300,burst@1s:40"});
  CHECK(options.request.base.load == LoadModel::poisson);
  CHECK(options.request.base.stages == "2s:100,2s:100..300,burst@1s:40");
  CHECK(options.request.base.duration_ns == 4 * kSecondOfLoad);
  REQUIRE(options.request.rates.size() == 1);
  CHECK(options.request.rates[0] == Approx((200 + 400 + 40) / 4.0));
  CHECK(row_of({"--stages", "1s:100", "--load", "hawkes"}).load == LoadModel::hawkes);
}

TEST_CASE("stages refuse what contradicts them", "[harness][options][load]") {
  CHECK(refusal({"--stages", "1s:100", "--rate", "5"}) == "--stages: cannot be combined with --rate 5");
  CHECK(refusal({"--stages", "1s:100", "--duration", "5s"}).find("--duration") != std::string::npos);
  CHECK(refusal({"--stages", "1s:100", "--ops", "5"}).find("--ops") != std::string::npos);
  CHECK(refusal({"--stages", "1s:100", "--load", "closed"}).find("--stages") != std::string::npos);
  CHECK(refusal({"--stages", "soon"}).starts_with("--stages: "));
  CHECK(refusal({"--stages", "1us:100"}).find("must last between") != std::string::npos);
}

TEST_CASE("an envelope is fitted into the duration or divided by the time scale",
          "[harness][options][load]") {
  const TestFolder folder;
  const std::string file = folder.put("rates.csv", "minute,messages\n0,600\n1,1800\n");
  const RunOptions fitted = parsed({"--envelope", file, "--duration", "4s"});
  CHECK(fitted.request.base.time_scale == Approx(30));
  CHECK(fitted.request.base.duration_ns == 4 * kSecondOfLoad);
  CHECK(fitted.request.rates.at(0) == Approx(600));
  const RunOptions scaled = parsed({"--envelope", file, "--time-scale", "60", "--rate", "50"});
  CHECK(scaled.request.base.duration_ns == 2 * kSecondOfLoad);
  CHECK(scaled.request.rates.at(0) == Approx(50));
  CHECK(refusal({"--envelope", file, "--time-scale", "60", "--duration", "5s"}).find("--time-scale") !=
        std::string::npos);
  CHECK(refusal({"--time-scale", "60"}).find("--trace FILE or --envelope FILE") != std::string::npos);
}

TEST_CASE("think time belongs to a closed loop", "[harness][options][load]") {
  CHECK(row_of({"--think", "exp:10ms"}).think == "exp:10ms");
  CHECK(row_of({"--think", "0"}).think.empty());
  CHECK(row_of({"--think", "chat/1000", "--path", "pooled"}).inflight == 0);
  CHECK(refusal({"--think", "1s", "--rate", "10"}).find("--load closed") != std::string::npos);
  CHECK(refusal({"--think", "exp:"}).starts_with("--think: "));
}

TEST_CASE("keys of a scenario are set on the command line, and checked as the file's are",
          "[harness][options][load]") {
  const RunOptions options = parsed({"--set", "rooms=64", "--set", "churn=0.1"});
  CHECK(options.request.base.settings == "rooms=64,churn=0.1");
  CHECK(options.scenario.rooms == 64);
  CHECK(row_of({}).settings.empty());
  CHECK(refusal({"--set", "rooms=0"}) == "--set: rooms: must be between 1 and 10000000, got 0");
  CHECK(refusal({"--set", "churn=1,away_share=0"}).starts_with("--set: away_share: must be above 0 where"));
  CHECK(refusal({"--set", "description=a\nb"}).find("must not hold a line break") != std::string::npos);
  const TestFolder folder;
  const std::string file = folder.put("talk.csv", "time_ms,user,room,event,bytes\n0,1,7,message,5\n");
  CHECK(refusal({"--trace", file, "--set", "rooms=64"}) == "--set: cannot be combined with --trace " + file);
}

TEST_CASE("a warm-up may last until throughput is steady", "[harness][options][load]") {
  CHECK_FALSE(row_of({"--warmup", "2s"}).steady);
  CHECK(row_of({"--warmup", "steady"}).steady);
  CHECK(row_of({"--warmup", "steady"}).warmup_ns == 30 * kSecondOfLoad);
  CHECK(row_of({"--warmup", "steady:5s"}).warmup_ns == 5 * kSecondOfLoad);
  CHECK(refusal({"--warmup", "steady5s"}).find("steady:TIME") != std::string::npos);
  CHECK(refusal({"--warmup", "steady", "--stages", "1s:100"}).find("steady means nothing") !=
        std::string::npos);
}

TEST_CASE("thresholds, anatomy and allocator are taken", "[harness][options][load]") {
  const RunOptions options = parsed({"--threshold", "post.response.p99<5ms", "--threshold", "reach>=0.9999",
                                     "--anatomy", "--allocator", "system"});
  REQUIRE(options.thresholds.size() == 2);
  CHECK(options.thresholds[0].op == "post");
  CHECK(options.request.base.anatomy);
  CHECK_FALSE(options.request.base.arena);
  CHECK(row_of({}).arena);
  CHECK_FALSE(row_of({}).sleeps);
  CHECK(row_of({}).foreign_limit_pct == 5);
  CHECK(row_of({"--foreign-limit", "20%"}).foreign_limit_pct == 20);
  CHECK(refusal({"--foreign-limit", "101"}) == "--foreign-limit: must be between 0 and 100, got 101");
  CHECK(row_of({"--pace", "sleep"}).sleeps);
  CHECK(refusal({"--threshold", "post.respnse.p99<5ms"}).starts_with("--threshold: "));
  CHECK(refusal({"--anatomy", "--no-latency"}).find("--no-latency") != std::string::npos);
}

TEST_CASE("a scenario's thresholds are taken, and given way to", "[harness][options][load]") {
  const TestFolder folder;
  const std::string scenario = folder.put("small.ini", "rooms = 2\nthreshold = reach>=1,errors<=0\n");
  CHECK(parsed({"--scenario", scenario}).thresholds.size() == 2);
  const RunOptions other = parsed({"--scenario", scenario, "--threshold", "post.response.p99<5ms"});
  REQUIRE(other.thresholds.size() == 1);
  CHECK(other.thresholds[0].op == "post");
  // null/null is no strategy that could be judged, but it may be measured under any scenario.
  CHECK(parsed({"--scenario", scenario, "--strategy", "null/null"}).thresholds.empty());
  CHECK(refusal({"--strategy", "null/null", "--threshold", "reach>=1"}) ==
        "--threshold: judges nothing here: null/null is the harness's own cost, and no strategy");
  CHECK(parsed({"--strategy", "null/null,coarse/ticket", "--threshold", "reach>=1", "--threads", "1"})
            .thresholds.size() == 1);
}

TEST_CASE("counts are asked for where there is something to count", "[harness][options][load]") {
  CHECK_FALSE(row_of({}).count);
  CHECK(row_of({"--count"}).count);
  CHECK(row_of({"--count", "--path", "pooled", "--dispatch", "pooled"}).count);
  CHECK(refusal({"--count", "--dispatch", "thread"}) ==
        "--count: needs dispatch inline or pooled, got thread");
  CHECK(refusal({"--count", "--store", "sqlite"}) == "--count: needs store memory, got sqlite");
}

}  // namespace
}  // namespace crosstalk::harness
