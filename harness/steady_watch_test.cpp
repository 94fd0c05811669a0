// A warm-up that ends when throughput is steady: the watch itself, and how every thread of a trial hears of it.
#include "harness/steady_watch.h"

#include <catch2/catch.hpp>
#include <mutex>
#include <vector>

#include "harness/audit.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("a level series is steady, a rising one and one that jumps are not", "[harness][steady]") {
  std::vector<double> level(SteadyWatch::kWindow, 1000);
  CHECK(SteadyWatch::is_steady(level));
  level.pop_back();
  CHECK_FALSE(SteadyWatch::is_steady(level));  // too short to tell
  std::vector<double> rising;
  for (std::size_t i = 0; i < 2 * SteadyWatch::kWindow; ++i)
    rising.push_back(1000 + 50 * static_cast<double>(i));
  CHECK_FALSE(SteadyWatch::is_steady(rising));
  rising.insert(rising.end(), SteadyWatch::kWindow, 3000);
  CHECK(SteadyWatch::is_steady(rising));  // only the last ones count
  rising[rising.size() - 3] = 1500;
  CHECK_FALSE(SteadyWatch::is_steady(rising));
  CHECK_FALSE(SteadyWatch::is_steady(std::vector<double>(SteadyWatch::kWindow, 0)));
}

TEST_CASE("every thread hears when measuring begins, once, and nobody before", "[harness][steady]") {
  WindowSwitch news(100);
  Window window{.start = 5, .measure = Window::kNever, .end = Window::kNever};
  CHECK_FALSE(news.inform(window));
  news.announce(50);
  CHECK(news.inform(window));
  CHECK(window.measure == 50);
  CHECK(window.end == 150);
  CHECK_FALSE(news.inform(window));
  Window known{.start = 5, .measure = 7, .end = 9};
  CHECK_FALSE(news.inform(known));
  CHECK(known.end == 9);
}

// How long the warm-up takes depends on the machine; what is measured after it does not.
TEST_CASE("a trial with a steady warm-up measures as long as it was told to", "[harness][steady]") {
  using Server = pool::CoarseServer<std::mutex, LiveProbe>;
  for (const bool open_loop : {false, true}) {
    for (const bool in_pool : {false, true}) {
      TestTrial trial(mixed_trace(4, open_loop ? workloads::Arrival{workloads::ArrivalLaw::poisson, 20'000}
                                               : workloads::Arrival{}),
                      2);
      if (in_pool) trial.pooled(2);
      trial.input.clock = Clock::calibrated();
      trial.input.options.open_loop = open_loop;
      trial.input.options.operations = 0;
      trial.input.options.steady = true;
      trial.input.options.warmup_ns = 1'500'000'000;
      trial.input.options.duration_ns = 100'000'000;
      const auto report = trial.run(&run_trial<Server>);
      INFO("open loop " << open_loop << ", pooled " << in_pool);
      CHECK(broken(*report).empty());
      CHECK(report->measured_s == Approx(0.1));
      CHECK(report->warmup_ns > 0);
      // An open loop may still be at work on what was due in the warm-up.
      if (!open_loop) CHECK(sum_of(*report, &KindReport::count) > 0);
      CHECK(sum_of(report->warmup, &IntervalReport::completed) > 0);
      const Audit found = audit(trial.input, *report);
      INFO(found.failure);
      CHECK(found.failure.empty());
      if (open_loop) {  // what was due in a tenth of a second, give or take what a busy machine leaves undone
        CHECK(sum_of(*report, &KindReport::offered) > 0);
        CHECK(sum_of(*report, &KindReport::offered) < 4'000);
      }
    }
  }
}

}  // namespace
}  // namespace crosstalk::harness
