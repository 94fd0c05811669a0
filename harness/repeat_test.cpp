#include "harness/repeat.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <mutex>
#include <vector>

#include "harness/quota.h"
#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "harness/values.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"

namespace crosstalk::harness {
namespace {

using workloads::OpKind;
using RepeatingServer = pool::CoarseServer<std::mutex, LiveProbe>;

// As many as the draws of all drivers say.
std::uint64_t repeats_of(const TrialInput& input) {
  std::uint64_t repeats = 0;
  for (unsigned driver = 0; driver < input.drivers->size(); ++driver) {
    RepeatDraw draw(input.options.repeat, input.options.seed, driver);
    const std::vector<workloads::Op>& ops = (*input.drivers)[driver];
    for (std::uint64_t i = 0; i < quota_of(input, driver); ++i)
      repeats += draw.draw(ops[i % ops.size()].kind) == RepeatOf::nothing ? 0 : 1;
  }
  return repeats;
}

TEST_CASE("a share of repeats is read back as it is written", "[harness][repeat]") {
  CHECK(parse_repeat("lock=5%") == Repeat{RepeatOf::lock, 5});
  CHECK(parse_repeat("map=0.05") == Repeat{RepeatOf::map, 5});
  CHECK(parse_repeat("pool=100%") == Repeat{RepeatOf::pool, 100});
  CHECK(repeat_text({RepeatOf::map, 0.1}) == "map=0.1%");
  CHECK(repeat_text(parse_repeat("pool=7%")) == "pool=7%");
  CHECK(repeat_text({}).empty());
  for (const char* wrong : {"", "=5%", "5%", "lock", "lock=", "lock=0%", "lock=101%", "lock=2", "locks=5%",
                            "total=5%", "lock=5%%", "lock=nan%"})
    CHECK_THROWS_AS(parse_repeat(wrong), ValueError);
}

TEST_CASE("what uses a thing is repeated, and nothing else", "[harness][repeat]") {
  CHECK(is_user_of(RepeatOf::lock, OpKind::post));
  CHECK(is_user_of(RepeatOf::lock, OpKind::mark));
  CHECK_FALSE(is_user_of(RepeatOf::lock, OpKind::presence));
  CHECK(is_user_of(RepeatOf::map, OpKind::presence));
  CHECK_FALSE(is_user_of(RepeatOf::map, OpKind::mark));
  CHECK(is_user_of(RepeatOf::pool, OpKind::connect));
  for (const RepeatOf any : {RepeatOf::lock, RepeatOf::map, RepeatOf::pool})
    CHECK_FALSE(is_user_of(any, OpKind::receive));
}

TEST_CASE("draws hit their share, and are those of seed and driver", "[harness][repeat]") {
  constexpr int kDraws = 100'000;
  const auto hits = [](std::uint64_t seed, unsigned driver) {
    RepeatDraw draw({RepeatOf::lock, 5}, seed, driver);
    std::vector<int> places;
    for (int i = 0; i < kDraws; ++i) {
      if (draw.draw(OpKind::who) == RepeatOf::lock) places.push_back(i);
    }
    return places;
  };
  CHECK(static_cast<double>(hits(1, 0).size()) / kDraws == Approx(0.05).epsilon(0.05));
  CHECK(hits(1, 0) == hits(1, 0));
  CHECK(hits(1, 0) != hits(1, 1));
  CHECK(hits(1, 0) != hits(2, 0));
  RepeatDraw always({RepeatOf::pool, 100}, 1, 0);
  for (int i = 0; i < kDraws; ++i) REQUIRE(always.draw(OpKind::post) == RepeatOf::pool);
  CHECK_FALSE(RepeatDraw({}, 1, 0).any());
}

TEST_CASE("repeats break no law and no figure counts them", "[harness][repeat]") {
  for (const RepeatOf what : {RepeatOf::lock, RepeatOf::map}) {
    for (const unsigned drivers : {1U, 2U}) {
      for (const bool latency : {true, false}) {
        TestTrial trial(mixed_trace(3), drivers);
        trial.input.options.repeat = {what, 50};
        trial.input.options.latency = latency;
        const auto report = trial.run(&run_trial<RepeatingServer>);
        CHECK(broken(*report).empty());
        CHECK(report->repeats == repeats_of(trial.input));
        CHECK(report->repeats > 200);
        CHECK(sum_of(*report, &KindReport::count) == trial.input.trace->ops.size());
      }
    }
  }
}

TEST_CASE("the null server's calls are counted with their repeats", "[harness][repeat]") {
  TestTrial trial(mixed_trace(3), 1);
  trial.input.options.repeat = {RepeatOf::lock, 100};
  const auto report = trial.run(&run_trial<pool::NullServer>);
  CHECK(broken(*report).empty());
  CHECK(report->laws.counted == report->laws.issued);
  CHECK(report->repeats > 1'000);
}

TEST_CASE("on the pooled path workers repeat what the driver drew", "[harness][repeat][stress]") {
  for (const RepeatOf what : {RepeatOf::lock, RepeatOf::map, RepeatOf::pool}) {
    TestTrial trial(mixed_trace(3), 1);
    trial.pooled(2).input.options.repeat = {what, 50};
    const auto report = trial.run(&run_trial<RepeatingServer>);
    CHECK(broken(*report).empty());
    CHECK(report->repeats == repeats_of(trial.input));
    const std::uint64_t tasks = trial.input.trace->ops.size() + of_kind(*report, OpKind::receive).count +
                                (what == RepeatOf::pool ? report->repeats : 0);
    // Receives that are due at the very end are handed in and not measured.
    CHECK(report->laws.pool_submitted >= tasks);
    CHECK(report->laws.pool_submitted <= tasks + 5);
  }
}

TEST_CASE("repeated tasks that a full queue refuses count as done", "[harness][repeat][stress]") {
  TestTrial trial(mixed_trace(3), 1);
  trial.pooled(1, pool::QueuePolicy::reject, 1).input.options.repeat = {RepeatOf::pool, 100};
  trial.input.options.inflight = 64;
  const auto report = trial.run(&run_trial<RepeatingServer>);
  CHECK(broken(*report).empty());
}

}  // namespace
}  // namespace crosstalk::harness
