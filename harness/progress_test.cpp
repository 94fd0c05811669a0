#include <catch2/catch.hpp>

#include <sstream>
#include <string>

#include "harness/progress.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kShownSecondNs = 1'000'000'000;

ProgressState quarter() {
  return {.done = 3, .total = 12, .share = 0.25, .elapsed_ns = 30 * kShownSecondNs, .what = "sharded/ticket"};
}

TEST_CASE("progress says how much is done and when it will end", "[harness][progress]") {
  CHECK(progress_text(quarter(), 80) == " 3/12  25 %  ETA 1m30s  sharded/ticket");
  CHECK(progress_text(quarter(), 10) == " 3/12  25 ");
}

TEST_CASE("of a trial that is watched progress tells phase, throughput and p99", "[harness][progress]") {
  ProgressState state = quarter();
  state.phase = "measure";
  CHECK(progress_text(state, 80) == " 3/12  25 %  ETA 1m30s  sharded/ticket  measure");
  state.rate_ops_s = 1'234'567;
  state.p99_ns = 4'500;
  CHECK(progress_text(state, 80) == " 3/12  25 %  ETA 1m30s  sharded/ticket  measure  1.23M/s  p99 4.50 us");
}

TEST_CASE("there is no ETA before anything is over", "[harness][progress]") {
  ProgressState state = quarter();
  state.share = 0;
  CHECK(progress_text(state, 80) == " 3/12  0 %  sharded/ticket");
  state.share = 1e-300;
  CHECK(progress_text(state, 80) == " 3/12  0 %  sharded/ticket");
  state.share = 1;
  CHECK(progress_text(state, 80) == " 3/12  100 %  ETA 0s  sharded/ticket");
}

TEST_CASE("a shorter line wipes what stood behind it", "[harness][progress]") {
  std::ostringstream err;
  {
    Progress progress(err, {.visible = true, .colour = false, .width = 80});
    progress.show(quarter());
    ProgressState state = quarter();
    state.what = "x";
    progress.show(state);
  }
  CHECK(err.str() ==
        "\r 3/12  25 %  ETA 1m30s  sharded/ticket\r 3/12  25 %  ETA 1m30s  x             \r                  "
        "       \r");
}

TEST_CASE("a line never reaches the edge of the terminal, where it would wrap", "[harness][progress]") {
  std::ostringstream err;
  Progress progress(err, {.visible = true, .colour = false, .width = 20});
  progress.show(quarter());
  CHECK(err.str().size() == 1 + 19);
}

TEST_CASE("colour is drawn around the text, and only when asked for", "[harness][progress]") {
  std::ostringstream err;
  Progress progress(err, {.visible = true, .colour = true, .width = 80});
  progress.show(quarter());
  CHECK_THAT(err.str(), Catch::StartsWith("\r\x1b[36m 3/12") && Catch::EndsWith("\x1b[0m"));
}

TEST_CASE("an invisible line is not drawn, and not wiped", "[harness][progress]") {
  std::ostringstream err;
  {
    Progress progress(err, {});
    progress.show(quarter());
    progress.clear();
  }
  CHECK(err.str().empty());
}

TEST_CASE("the line is off when quiet and on a dumb terminal", "[harness][progress]") {
  CHECK_FALSE(Progress::on_terminal({{"TERM", "xterm"}}, true).visible);
  CHECK_FALSE(Progress::on_terminal({{"TERM", "dumb"}}, false).visible);
  CHECK_FALSE(Progress::on_terminal({}, false).visible);
  CHECK_FALSE(Progress::on_terminal({{"TERM", "xterm"}, {"NO_COLOR", "1"}}, false).colour);
}

}  // namespace
}  // namespace crosstalk::harness
