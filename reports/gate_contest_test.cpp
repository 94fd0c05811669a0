#include "reports/gate_contest.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace crosstalk::reports {
namespace {

const std::vector<GateMetric> kThreeMetrics{{.name = "a"}, {.name = "b"}, {.name = "c"}};
const std::vector<PlannedLook> kTwoLooks{{8, 0.5}, {16, 0.5}};

// Signs of three columns that differ, so that each counts in the correction.
void add_pairs(GateContest& contest, std::size_t count, const std::vector<double>& losses) {
  for (std::size_t pair = 0; pair < count; ++pair) {
    std::vector<double> row;
    for (std::size_t metric = 0; metric < losses.size(); ++metric) {
      const double sign = ((pair >> metric) & 1) != 0 ? -1 : 1;
      row.push_back(losses[metric] + sign * 0.001 * static_cast<double>(1 + pair % 5 + metric));
      contest.note_measured(metric, 0);
      contest.note_measured(metric, 1);
    }
    contest.add(false, row);
  }
}

TEST_CASE("p-values of several looks: the smallest over its share", "[reports][gate]") {
  GateContest contest({kThreeMetrics[0]}, kTwoLooks, {});
  CHECK(contest.next_look() == 8);
  add_pairs(contest, 8, {0.05});
  contest.look();
  CHECK(contest.courses()[0].worse.p == Approx(2.0 / 256));  // 2^-8, half of the level
  CHECK(contest.courses()[0].better.p >= 1);
  CHECK(contest.next_look() == 16);
  add_pairs(contest, 8, {-0.05});
  contest.look();
  CHECK(contest.courses()[0].worse.p == Approx(2.0 / 256));  // what was seen once is not unseen
  CHECK(contest.next_look() == 0);
  CHECK_FALSE(contest.is_searching());
}

TEST_CASE("the last look spends what is left", "[reports][gate]") {
  GateContest contest({kThreeMetrics[0]}, kTwoLooks, {});
  add_pairs(contest, 6, {0.05});
  contest.look_for_the_last_time();
  CHECK(contest.courses()[0].worse.p == Approx(1.0 / 64));
  CHECK(contest.looked_at() == 6);
}

TEST_CASE("metrics found unchanged still count, those found worse do not", "[reports][gate]") {
  // The other two lie below their margins in all pairs: turned all at once they are as extreme as the third one is. Had
  // they been forgotten because they were found unchanged, 1 pattern in 256 would be left.
  const auto third_p = [](MetricState state, bool found) {
    GateContest contest(kThreeMetrics, {{8, 1}}, {});
    for (const std::size_t metric : {0U, 1U}) {
      contest.courses()[metric].state = state;
      contest.courses()[metric].worse.found = found;
    }
    add_pairs(contest, 8, {0.0, 0.0, 0.05});
    contest.look();
    return contest.courses()[2].worse.p * 256;
  };
  CHECK(third_p(MetricState::open, false) == Approx(2));
  CHECK(third_p(MetricState::settled, false) == Approx(2));
  CHECK(third_p(MetricState::settled, true) == Approx(1));
}

TEST_CASE("unchanged is what the bound shows", "[reports][gate]") {
  GateContest contest(kThreeMetrics, {{16, 1}}, {});
  add_pairs(contest, 16, {0, 0.06, std::log1p(0.05)});
  contest.look();
  contest.accept();
  CHECK(contest.courses()[0].verdict == Verdict::unchanged);
  CHECK(contest.courses()[1].state == MetricState::open);  // beyond the budget of 5 %
  CHECK(contest.courses()[2].state == MetricState::open);  // at it
  contest.settle_open("the pairs ended");
  CHECK(contest.courses()[0].reason.empty());
  CHECK(contest.courses()[1].reason == "the pairs ended");
}

TEST_CASE("a red metric waits for as many fresh pairs as it took", "[reports][gate]") {
  GateContest contest({kThreeMetrics[0], kThreeMetrics[1]}, kTwoLooks, {});
  contest.courses()[0].state = MetricState::red;
  contest.courses()[0].red_after = 8;
  contest.courses()[1].state = MetricState::red;
  contest.courses()[1].red_after = 10;
  CHECK(contest.fresh_wanted() == 10);
  for (int pair = 0; pair < 9; ++pair) {
    contest.add(true, std::vector<double>{0.05, 0.05});
    contest.confirm();
  }
  CHECK(contest.courses()[0].verdict == Verdict::regressed);
  CHECK(contest.courses()[1].state == MetricState::red);
  contest.settle(Verdict::broken, "head ended");
  CHECK(contest.courses()[0].verdict == Verdict::regressed);
  CHECK(contest.courses()[1].verdict == Verdict::broken);
  CHECK(contest.fresh_wanted() == 0);
}

TEST_CASE("a summary leaves out what was not measured", "[reports][gate]") {
  const double gap = std::numeric_limits<double>::quiet_NaN();
  const LossSummary summary = summary_of(std::vector<double>{1, gap, 2, 6});
  CHECK(summary.pairs == 3);
  CHECK(*summary.loss == Approx(2.75));
  CHECK_FALSE(summary.interval);
  CHECK(summary_of(std::vector<double>{gap}).pairs == 0);
}

}  // namespace
}  // namespace crosstalk::reports
