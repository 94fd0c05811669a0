#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

#include "harness/fairness.h"

namespace crosstalk::harness {
namespace {

// `completed` operations with a mean response of `mean_ns`.
ClientTally tally(std::uint64_t completed, std::uint64_t mean_ns) {
  return {.completed = completed, .sum = mean_ns * completed};
}

TEST_CASE("clients that were served alike are served fairly, however much each asked for",
          "[harness][fairness]") {
  const std::vector<ClientTally> closed{tally(1, 50), tally(1'000, 50), tally(7, 50), tally(30, 50)};
  CHECK(fairness_of(closed, 2, false).clients == Approx(1));
  CHECK(fairness_of(closed, 2, false).drivers == Approx(1));
  const std::vector<ClientTally> open{{1, 2}, {500, 1'000}, {7, 14}};  // of what was offered
  CHECK(fairness_of(open, 1, true).clients == Approx(1));
  const std::vector<ClientTally> long_run{tally(5'000'000'000, 50), tally(1'000, 50)};
  CHECK(fairness_of(long_run, 2, false).clients == Approx(1));
}

TEST_CASE("Jain's index over mean responses in a closed loop", "[harness][fairness]") {
  // (10 + 30)^2 / (2 (100 + 900)) = 0.8; drivers: 0 has clients 0 and 2, 1 has client 1.
  const std::vector<ClientTally> tallies{tally(4, 10), tally(2, 30)};
  CHECK(fairness_of(tallies, 1, false).clients == Approx(0.8));
  CHECK(fairness_of(tallies, 1, false).drivers == Approx(1));
  CHECK(fairness_of(tallies, 2, false).drivers == Approx(0.8));
}

TEST_CASE("Jain's index over completed by offered in an open loop", "[harness][fairness]") {
  // 1 and 0: half of the clients got everything.
  const std::vector<ClientTally> tallies{{10, 10}, {0, 10}};
  CHECK(fairness_of(tallies, 2, true).clients == Approx(0.5));
  CHECK(fairness_of(tallies, 2, true).drivers == Approx(0.5));
}

TEST_CASE("a driver's service is that of all its operations, not the mean of its clients'",
          "[harness][fairness]") {
  // Driver 0: 300 ns over 3 operations; driver 1: 100 ns over 1.
  const std::vector<ClientTally> tallies{tally(1, 200), tally(1, 100), tally(2, 50)};
  CHECK(fairness_of(tallies, 2, false).drivers == Approx(1));
  CHECK(fairness_of(tallies, 2, false).clients < 0.9);
}

TEST_CASE("clients that asked for nothing do not count", "[harness][fairness]") {
  const std::vector<ClientTally> tallies{tally(4, 10), ClientTally{}, tally(2, 10), ClientTally{}};
  CHECK(fairness_of(tallies, 2, false).clients == Approx(1));
  CHECK(fairness_of(tallies, 2, false).drivers == Approx(1));
}

TEST_CASE("nobody was treated unfairly where nothing happened", "[harness][fairness]") {
  for (const bool open_loop : {false, true}) {
    CHECK(fairness_of({}, 2, open_loop).clients == 1);
    CHECK(fairness_of({}, 2, open_loop).drivers == 1);
    CHECK(fairness_of(std::vector<ClientTally>(3), 2, open_loop).clients == 1);
  }
}

}  // namespace
}  // namespace crosstalk::harness
