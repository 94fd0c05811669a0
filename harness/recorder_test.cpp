#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "harness/recorder.h"

namespace crosstalk::harness {
namespace {

using Kind = workloads::OpKind;

constexpr Window kWindow{.start = 1'000, .measure = 2'000, .end = 6'000};

std::array<bool, workloads::kOpKindCount> kinds_of(std::initializer_list<Kind> kinds) {
  std::array<bool, workloads::kOpKindCount> result{};
  for (const Kind kind : kinds) result[static_cast<std::size_t>(kind)] = true;
  return result;
}

// Recorders of some threads on a clock of one tick a nanosecond, warm-up in slices of 250 ns, the rest of
// 1,000 ns.
class StartedRecorders {
 public:
  explicit StartedRecorders(std::size_t threads, const Window& window = kWindow) : tallies(4) {
    for (std::size_t i = 0; i < threads; ++i) {
      all.push_back(std::make_unique<Recorder>(
          Clock::steady(), kinds_of({Kind::post, Kind::join, Kind::receive}), 4, tallies));
    }
    for (const auto& recorder : all) {
      recorder->set_peers(all);
      recorder->start(window, 250, 1'000);
    }
  }
  Recorder& operator[](std::size_t i) { return *all[i]; }
  std::unique_ptr<TrialReport> report() const {
    auto result = std::make_unique<TrialReport>();
    for (const auto& recorder : all) recorder->merge_into(*result);
    return result;
  }

  std::vector<ClientTally> tallies;
  std::vector<std::unique_ptr<Recorder>> all;
};

const KindReport& of(const TrialReport& report, Kind kind) {
  return report.kinds[static_cast<std::size_t>(kind)];
}

std::uint64_t completed(const std::array<IntervalReport, kIntervals>& slices) {
  return std::accumulate(
      slices.begin(), slices.end(), std::uint64_t{0},
      [](std::uint64_t sum, const IntervalReport& slice) { return sum + slice.completed; });
}

Sample closed(std::uint64_t started, std::uint64_t ended, Kind kind = Kind::post, bool error = false) {
  return {.kind = kind, .client = 1, .intended = started, .started = started, .ended = ended, .error = error};
}

TEST_CASE("an instant finds its slice, over gaps and beyond the last one", "[harness][recorder]") {
  SliceClock slices(4);
  slices.start(100, 10);
  CHECK(slices.at(100) == 0);
  CHECK(slices.at(109) == 0);
  CHECK(slices.at(110) == 1);
  CHECK(slices.at(129) == 2);
  CHECK(slices.at(139) == 3);
  CHECK(slices.at(9'000) == 3);
  SliceClock jumping(4);
  jumping.start(100, 0);  // no length at all counts as one tick
  CHECK(jumping.at(102) == 2);
}

TEST_CASE("a closed loop counts what starts and ends in the measured phase", "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].record_service(closed(1'000, 1'400));  // warm-up
  recorders[0].record_service(closed(1'999, 2'100));  // began in it
  recorders[0].record_service(closed(2'000, 2'050));  // the first that counts
  recorders[0].record_service(closed(2'050, 5'999, Kind::post, true));
  recorders[0].record_service(closed(5'000, 6'000));  // ends too late
  const auto report = recorders.report();
  const KindReport& post = of(*report, Kind::post);
  CHECK(post.count == 2);
  CHECK(post.errors == 1);
  CHECK(post.service.count() == 2);
  CHECK(post.service.min() == 50);
  CHECK(post.service.max() == 3'949);
  CHECK(post.response.empty());
  CHECK(completed(report->warmup) == 1);
  CHECK(completed(report->measure) == 2);
  CHECK(report->measure[0].completed == 1);
  CHECK(report->measure[3].completed == 1);
  CHECK(recorders.tallies[1].completed == 2);
  CHECK(recorders.tallies[1].sum == 50 + 3'949);
  CHECK(recorders.tallies[0].completed == 0);
}

TEST_CASE("an open loop times from the intended instant", "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].record({.kind = Kind::post,
                       .client = 2,
                       .intended = 2'100,
                       .started = 2'300,
                       .ended = 2'350,
                       .lateness = 40,
                       .error = false});
  const auto report = recorders.report();
  const KindReport& post = of(*report, Kind::post);
  CHECK(post.count == 1);
  CHECK(post.service.max() == 50);
  CHECK(post.response.max() == 250);
  CHECK(post.lateness.max() == 40);
  CHECK(post.late == 0);
  CHECK(report->measure[0].response.max() == 250);
  CHECK(report->measure[0].lateness.max() == 40);
  CHECK(recorders.tallies[2].sum == 250);
}

TEST_CASE("an open loop counts what was due in the measured phase and ended in it", "[harness][recorder]") {
  StartedRecorders recorders(1);
  const auto record = [&](std::uint64_t intended, std::uint64_t ended) {
    recorders[0].record(
        {.kind = Kind::join, .client = 0, .intended = intended, .started = intended, .ended = ended});
  };
  record(1'999, 2'500);  // due in the warm-up, done later
  record(2'000, 2'500);
  record(2'001, 6'000);  // not done in time
  record(5'998, 5'999);
  const auto report = recorders.report();
  CHECK(of(*report, Kind::join).count == 2);
  CHECK(completed(report->warmup) == 0);
  CHECK(completed(report->measure) == 2);
}

TEST_CASE("late means started more than a millisecond after the plan", "[harness][recorder]") {
  StartedRecorders recorders(1, {.start = 0, .measure = 0, .end = Window::kNever});
  recorders[0].record({.kind = Kind::post, .intended = 10, .started = 1'000'010, .ended = 1'000'020});
  recorders[0].record({.kind = Kind::post, .intended = 10, .started = 1'000'011, .ended = 1'000'020});
  CHECK(of(*recorders.report(), Kind::post).late == 1);
}

// Nobody asked for receives: they are timed on a row of their own and stand in no sum.
TEST_CASE("receives stand apart from what clients asked for", "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].record_service(closed(2'000, 2'010, Kind::receive));
  recorders[0].record(closed(2'010, 2'020, Kind::receive));
  const auto report = recorders.report();
  CHECK(of(*report, Kind::receive).count == 2);
  CHECK(completed(report->measure) == 0);
  CHECK(recorders.tallies[1].completed == 0);
}

TEST_CASE("what was due is counted by phase and slice", "[harness][recorder]") {
  StartedRecorders recorders(2);
  recorders[0].offered(Kind::post, 3, 1'000);
  recorders[0].offered(Kind::post, 3, 1'999);
  recorders[0].offered(Kind::post, 3, 2'000);
  recorders[1].offered(Kind::join, 3, 2'999);
  recorders[1].offered(Kind::join, 3, 3'000);
  recorders[1].offered(Kind::join, 3, 99'000);  // beyond the series: its last slice
  const auto report = recorders.report();
  CHECK(of(*report, Kind::post).offered == 1);
  CHECK(of(*report, Kind::join).offered == 3);
  CHECK(report->warmup[0].offered == 1);
  CHECK(report->warmup[3].offered == 1);
  CHECK(report->measure[0].offered == 2);
  CHECK(report->measure[1].offered == 1);
  CHECK(report->measure[3].offered == 1);
  CHECK(recorders.tallies[3].sum == 4);
}

TEST_CASE("a client may do more than 2^32 operations", "[harness][recorder]") {
  constexpr std::uint64_t kMany = 0xFFFF'FFFF;
  StartedRecorders recorders(1);
  recorders[0].open_loop();
  recorders.tallies[1] = {.completed = kMany, .sum = kMany};
  recorders[0].record(closed(2'000, 2'010));
  recorders[0].offered(Kind::post, 1, 2'000);
  CHECK(recorders.tallies[1].completed == kMany + 1);
  CHECK(recorders.tallies[1].sum == kMany + 1);
}

TEST_CASE("who does not time counts from its first reading of the clock in the measured phase",
          "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].looked(1'999);
  CHECK(recorders[0].counts_from() == Window::kNever);
  for (const std::uint64_t now : {2'500U, 2'600U}) recorders[0].looked(now);
  CHECK(recorders[0].counts_from() == 2'500);
}

TEST_CASE("an operation that waits while others of its kind complete leaves a gap", "[harness][recorder]") {
  StartedRecorders recorders(2);
  recorders[1].record_service(closed(2'000, 2'500));
  recorders[0].record_service(closed(2'100, 3'100));  // the other completed at 2,500
  CHECK(of(*recorders.report(), Kind::post).gap_max_ns == 1'000);
  recorders[0].record_service(closed(2'600, 5'000));  // longer, but nobody completed meanwhile
  CHECK(of(*recorders.report(), Kind::post).gap_max_ns == 1'000);
  recorders[1].record_service(closed(4'000, 4'400, Kind::join));
  recorders[0].record_service(closed(2'700, 5'500));  // another kind
  CHECK(of(*recorders.report(), Kind::post).gap_max_ns == 1'000);
  recorders[1].record_service(closed(4'400, 4'500));
  recorders[0].record_service(closed(2'800, 5'600));
  CHECK(of(*recorders.report(), Kind::post).gap_max_ns == 2'800);
}

TEST_CASE("alone, a thread starves nobody", "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].record_service(closed(2'000, 2'500));
  recorders[0].record_service(closed(2'100, 3'100));
  CHECK(of(*recorders.report(), Kind::post).gap_max_ns == 0);
}

TEST_CASE("untimed operations are counted and nothing else", "[harness][recorder]") {
  StartedRecorders recorders(1);
  recorders[0].count(Kind::post, false);
  recorders[0].count(Kind::post, true);
  const auto report = recorders.report();
  CHECK(of(*report, Kind::post).count == 2);
  CHECK(of(*report, Kind::post).errors == 1);
  CHECK(of(*report, Kind::post).service.empty());
}

TEST_CASE("merging adds up all threads and keeps the longest gap", "[harness][recorder]") {
  StartedRecorders recorders(3);
  recorders[0].record_service(closed(2'000, 2'500));
  recorders[1].record_service(closed(2'100, 3'100));
  recorders[2].record_service(closed(2'200, 3'000));
  for (std::size_t i = 0; i < 3; ++i) {
    recorders[i].queued(Kind::post, 10 * (i + 1));
    recorders[i].delivery({.first = 105, .median = i == 0 ? 103U : 0U, .last = 105 + i}, 100);
  }
  const auto report = recorders.report();
  const KindReport& post = of(*report, Kind::post);
  CHECK(post.count == 3);
  CHECK(post.service.count() == 3);
  CHECK(post.gap_max_ns == 1'000);
  CHECK(post.queue.count() == 3);
  CHECK(post.queue.max() == 30);
  CHECK(report->delivery_first.count() == 3);
  CHECK(report->delivery_first.max() == 5);
  CHECK(report->delivery_last.max() == 7);
  CHECK(report->delivery_median.count() == 1);
  CHECK(report->delivery_median.max() == 3);
  CHECK(completed(report->measure) == 3);
}

}  // namespace
}  // namespace crosstalk::harness
