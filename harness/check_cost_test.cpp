#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>

#include "harness/check_cost.h"
#include "harness/child.h"
#include "harness/live_probe.h"
#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

using Server = pool::CoarseServer<std::mutex, LiveProbe>;

// In a child: the server's thread is pinned there, and canaries are switched off and on again.
template <class S>
CheckCost cost_of(TestTrial& test) {
  const SharedReport report = make_shared_report();
  test.input.options.check_cost = true;
  REQUIRE(run_in_child(&run_trial<S>, test.input, *report, 60'000'000'000).empty());
  CHECK(report->laws.lock_violations == 0);
  CHECK(report->kinds[0].count == 0);  // no trial was run
  return report->check_cost;
}

TEST_CASE("what the live checks cost comes with its interval", "[harness][check_cost]") {
  TestTrial test(mixed_trace(1), 1);
  const CheckCost cost = cost_of<Server>(test);
  CHECK(cost.pairs >= 6);
  CHECK(cost.low <= cost.share);
  CHECK(cost.share <= cost.high);
  CHECK(cost.loop_share > -1);
}

TEST_CASE("a null server has no checks that could cost anything", "[harness][check_cost]") {
  TestTrial test(mixed_trace(1), 1);
  CHECK(cost_of<pool::NullServer>(test).pairs == 0);
}

TEST_CASE("a trace too short for a slice says nothing about the cost of checks", "[harness][check_cost]") {
  workloads::Trace trace = crowd_trace(3, 4, 1);
  trace.repeats = false;
  TestTrial test(std::move(trace), 1);
  CHECK(cost_of<Server>(test).pairs == 0);
}

TEST_CASE("a signal ends the measurement of what checks cost", "[harness][check_cost]") {
  TestTrial test(mixed_trace(1), 1);
  const std::atomic<bool> stop{true};
  test.input.stop = &stop;
  CHECK(cost_of<Server>(test).pairs == 0);
}

// A server whose canary is a hundred times as dear: the measurement must see it, and see it in the right direction.
struct DearProbe : LiveProbe {
  static inline std::atomic<std::uint64_t> steps{0};
  void acquired(pool::Access access) noexcept {
    LiveProbe::acquired(access);
    if (LiveProbe::is_blind()) return;
    // A sanitizer makes the operation itself dear.
    constexpr int kSteps = pool::kSanitized ? 2'000 : 200;
    for (int i = 0; i < kSteps; ++i)
      steps.fetch_add(1, std::memory_order_relaxed);  // relaxed: only the work counts
  }
};
using DearServer = pool::CoarseServer<std::mutex, DearProbe>;

TEST_CASE("a dear check is seen to be dear", "[harness][check_cost]") {
  TestTrial test(mixed_trace(1), 1);
  const CheckCost cost = cost_of<DearServer>(test);
  REQUIRE(cost.pairs >= 6);
  CHECK(cost.low > 0.5);
  CHECK(cost.loop_share > 0.5);
}

}  // namespace
}  // namespace crosstalk::harness
