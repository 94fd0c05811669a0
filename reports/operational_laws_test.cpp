#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "reports/operational_laws.h"

namespace crosstalk::reports {
namespace {

using Catch::Matchers::Contains;

struct Stay {
  double start_s;
  double end_s;
};

// What a recorder sums up, and, by walking from event to event, what a counter integrates.
StageFlow flow_of(const std::vector<Stay>& stays, double begin_s, double end_s) {
  StageFlow flow;
  flow.window_s = end_s - begin_s;
  std::vector<std::pair<double, int>> events;
  for (const Stay& stay : stays) {
    events.emplace_back(stay.start_s, 1);
    events.emplace_back(stay.end_s, -1);
    if (stay.end_s > begin_s && stay.end_s <= end_s) {
      ++flow.completed_inside;
      flow.residence_sum_s += stay.end_s - stay.start_s;
      flow.clipped_before_s += std::max(0.0, begin_s - stay.start_s);
    } else if (stay.end_s > end_s && stay.start_s < end_s) {
      flow.open_at_end_s += end_s - std::max(begin_s, stay.start_s);
    }
  }
  std::sort(events.begin(), events.end());
  int inside = 0;
  double last_s = begin_s;
  for (const auto& [at_s, change] : events) {
    const double now_s = std::clamp(at_s, begin_s, end_s);
    flow.in_flight_integral_s += inside * (now_s - last_s);
    last_s = now_s;
    inside += change;
  }
  flow.in_flight_integral_s += inside * (end_s - last_s);
  return flow;
}

std::vector<Stay> bursty_stays(unsigned seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> gap(3);
  std::lognormal_distribution<double> length(-1, 1.5);  // heavy: some stays outlast the window
  std::vector<Stay> stays;
  double now_s = 0;
  for (int i = 0; i < 400; ++i) {
    now_s += i % 50 == 0 ? 5 : gap(random);  // far from stationary
    stays.push_back({now_s, now_s + length(random)});
  }
  return stays;
}

TEST_CASE("Little's law with its two corrections is an identity", "[reports][operational_laws]") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto stays = bursty_stays(seed);
    for (const auto& [begin_s, end_s] : {std::pair{0.0, 1e4}, {10.0, 60.0}, {20.0, 20.5}, {31.0, 31.001}}) {
      const StageFlow flow = flow_of(stays, begin_s, end_s);
      INFO("seed " << seed << " window " << begin_s << " to " << end_s);
      CHECK(little_error(flow) < 1e-9);
      CHECK_FALSE(audit_failure("server", flow));
    }
  }
}

TEST_CASE("without a correction it is not", "[reports][operational_laws]") {
  StageFlow flow = flow_of(bursty_stays(1), 20, 21);
  REQUIRE(flow.clipped_before_s > 0);
  REQUIRE(flow.open_at_end_s > 0);
  StageFlow unclipped = flow;
  unclipped.clipped_before_s = 0;
  CHECK(little_error(unclipped) > kLawBound);
  flow.open_at_end_s = 0;
  CHECK(little_error(flow) > kLawBound);
}

TEST_CASE("a recorder that loses or doubles operations is found", "[reports][operational_laws]") {
  const auto stays = bursty_stays(2);
  const StageFlow whole = flow_of(stays, 0, 1e4);
  StageFlow lossy = whole;
  StageFlow doubled = whole;
  for (std::size_t i = 0; i < stays.size(); i += 20) {
    const double length_s = stays[i].end_s - stays[i].start_s;
    lossy.residence_sum_s -= length_s;
    --lossy.completed_inside;
    doubled.residence_sum_s += length_s;
    ++doubled.completed_inside;
  }
  REQUIRE(audit_failure("queue", lossy));
  CHECK_THAT(*audit_failure("queue", lossy),
             Contains("queue: Little's law") && Contains("were not recorded"));
  REQUIRE(audit_failure("queue", doubled));
  CHECK_THAT(*audit_failure("queue", doubled), Contains("recorded twice"));
}

TEST_CASE("the bound is two per cent", "[reports][operational_laws]") {
  StageFlow flow{
      .window_s = 10, .in_flight_integral_s = 100, .completed_inside = 50, .residence_sum_s = 98.1};
  CHECK_FALSE(audit_failure("server", flow));
  flow.residence_sum_s = 97.9;
  REQUIRE(audit_failure("server", flow));
  CHECK(
      *audit_failure("server", flow) ==
      "server: Little's law is off by 2.1 % (bound 2 %): the counter saw 10 operations in flight on average, the "
      "recorded times say 9.79; operations were not recorded, or cut short");
}

TEST_CASE("figures that no run can yield are refused", "[reports][operational_laws]") {
  const StageFlow good{
      .window_s = 10, .in_flight_integral_s = 5, .completed_inside = 5, .residence_sum_s = 5};
  REQUIRE_FALSE(audit_failure("server", good));
  StageFlow flow = good;
  flow.window_s = 0;
  CHECK_THAT(audit_failure("server", flow).value(), Contains("no length"));
  flow = good;
  flow.open_at_end_s = -1;
  CHECK_THAT(audit_failure("server", flow).value(), Contains("a time of -1 s"));
  flow = good;
  flow.clipped_before_s = 6;
  CHECK_THAT(audit_failure("server", flow).value(), Contains("longer than all residences"));
  flow = good;
  flow.completed_inside = 0;
  CHECK_THAT(audit_failure("server", flow).value(), Contains("no operation completed"));
  flow = good;
  flow.in_flight_integral_s = flow.residence_sum_s = 51;
  CHECK_THAT(audit_failure("server", flow).value(), Contains("than the window lasts"));
  CHECK(little_error(StageFlow{.window_s = 1}) == 0);
  CHECK_FALSE(audit_failure("server", StageFlow{.window_s = 1}));
}

TEST_CASE("a closed loop keeps N = X (R + Z) up to a cycle per client", "[reports][operational_laws]") {
  CHECK(closed_loop_error(8, 80, 0.06, 0.04) == Approx(0).margin(1e-12));
  CHECK(closed_loop_error(8, 40, 0.06, 0.04) == Approx(0.5));
  CHECK(closed_loop_error(0, 0, 0, 0) == 0);
  // Clients that are served for an exponential time and think for another, cut off at the window's end.
  std::mt19937_64 random(3);
  std::exponential_distribution<double> served(1 / 0.02), thinking(1 / 0.03);
  const int clients = 20;
  const double window_s = 10;
  std::uint64_t completed = 0;
  double residence_s = 0, think_s = 0;
  for (int client = 0; client < clients; ++client) {
    double now_s = -thinking(random);
    while (true) {
      const double r = served(random), z = thinking(random);
      now_s += r + z;
      if (now_s > window_s) break;
      ++completed;
      residence_s += r;
      think_s += z;
    }
  }
  const auto n = static_cast<double>(completed);
  const ClosedLoop loop{clients, n / window_s, residence_s / n, think_s / n, window_s};
  CHECK_FALSE(audit_failure(loop));
  ClosedLoop wrong = loop;
  wrong.z_s = 0;  // think time forgotten
  REQUIRE(audit_failure(wrong));
  CHECK_THAT(*audit_failure(wrong), Contains("20 clients"));
  ClosedLoop brief = loop;
  brief.window_s = 0.5;  // ten cycles: one of them is a tenth
  brief.n = clients * 1.08;
  CHECK_FALSE(audit_failure(brief));
  brief.window_s = 10;
  CHECK(audit_failure(brief));
}

}  // namespace
}  // namespace crosstalk::reports
