#include "harness/live_file.h"

#include <catch2/catch.hpp>
#include <memory>

#include "harness/command_line_test_support.h"
#include "reports/file_size_limit.h"

namespace crosstalk::harness {
namespace {

// A warm-up of one and a half slices and `measured` slices after it have been shown.
std::unique_ptr<TrialReport> shown_trial(std::size_t measured) {
  auto report = std::make_unique<TrialReport>();
  report->interval_ns = report->warmup_interval_ns = 100;
  report->warmup_ns = 150;
  for (const bool phase : {false, true}) {
    for (std::size_t i = 0; i < (phase ? measured : 2); ++i) {
      report->live.next(phase).completed = 10 + i;
      report->live.next(phase).response_max_ns = 7;
      report->live.publish(phase);
    }
  }
  return report;
}

reports::RunResult ended_trial(const TrialReport& report) {
  reports::RunResult result;
  result.identity.run_id = "r1";
  result.identity.trial = 4;
  result.intervals = closed_intervals(report, false);
  reports::Interval last = result.intervals.back();
  last.start_ns += 100;
  last.length_ns = 30;
  result.intervals.push_back(last);
  return result;
}

TEST_CASE("slices are appended as they close, and the rest when the trial ends", "[harness][live_file]") {
  const TestFolder folder;
  const auto path = folder.path / "live.csv";
  LiveFile live(path);
  live.begin("r1", 4, false);
  live.follow(*shown_trial(0));
  CHECK(content_of(path) == reports::intervals_header());
  live.follow(*shown_trial(1));
  const std::string early = content_of(path);
  CHECK_THAT(early, Catch::EndsWith("1,r1,4,all,warmup,0,100,,10,,,7,\n1,r1,4,all,warmup,100,50,,11,,,7,\n"
                                    "1,r1,4,all,measure,0,100,,10,,,7,\n"));
  const auto report = shown_trial(2);
  live.follow(*report);
  live.finish(ended_trial(*report));
  const std::string whole = content_of(path);
  CHECK(whole == reports::intervals_header() + reports::intervals_rows(ended_trial(*report)));
  CHECK(live.failure().empty());
}

TEST_CASE("a trial without live slices is appended when it ends", "[harness][live_file]") {
  const TestFolder folder;
  LiveFile live(folder.path / "live.csv");
  const auto result = ended_trial(*shown_trial(2));
  live.begin("r1", 4, false);
  live.finish(result);
  CHECK(content_of(folder.path / "live.csv") ==
        reports::intervals_header() + reports::intervals_rows(result));
}

TEST_CASE("in an open loop rows hold what was offered", "[harness][live_file]") {
  const auto report = shown_trial(1);
  CHECK(closed_intervals(*report, true).back().offered == 0);
  CHECK_FALSE(closed_intervals(*report, false).back().offered.has_value());
}

TEST_CASE("a full disk ends the view, not the run", "[harness][live_file]") {
  const TestFolder folder;
  const auto path = folder.path / "live.csv";
  LiveFile live(path);
  const std::string before = content_of(path);
  {
    const reports::FileSizeLimit limit(before.size() + 20);
    live.begin("r1", 4, false);
    live.finish(ended_trial(*shown_trial(2)));
  }
  CHECK_THAT(live.failure(), Catch::StartsWith(path.string()));
  live.finish(ended_trial(*shown_trial(2)));  // no further attempt: a gap would look like a pause
  CHECK(content_of(path) == before);
}

TEST_CASE("a place that cannot be written is known before anything is measured", "[harness][live_file]") {
  CHECK_THROWS_AS(LiveFile("/proc/crosstalk/live.csv"), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness
