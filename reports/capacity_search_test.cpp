#include <catch2/catch.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "reports/capacity_search.h"
#include "reports/histogram.h"
#include "reports/queueing_theory.h"

namespace crosstalk::reports {
namespace {

using Catch::Matchers::Contains;

// Runs a search to its end; `trial` says whether a rate meets the condition.
template <class Trial>
CapacitySearch searched(CapacityOptions options, Trial&& trial) {
  CapacitySearch search(options);
  while (const auto rate = search.next_rate()) search.tell(*rate, trial(*rate));
  return search;
}

TEST_CASE("without noise the bracket holds the border and is as narrow as asked", "[reports][capacity]") {
  for (const double border : {100.0, 1234.5, 1999.0, 2001.0, 5e4, 3.3e6}) {
    for (const double precision : {0.02, 0.05, 0.2}) {
      for (const std::size_t confirmations : {1U, 3U}) {
        const CapacityOptions options{
            .start_ops_s = 50, .limit_ops_s = 1e9, .precision = precision, .confirmations = confirmations};
        const auto search = searched(options, [&](double rate) { return rate <= border; });
        const Bracket bracket = search.bracket();
        INFO("border " << border << " precision " << precision);
        CHECK(search.outcome() == CapacityOutcome::found);
        CHECK(bracket.met_ops_s <= border);
        CHECK(bracket.failed_ops_s > border);
        CHECK(bracket.failed_ops_s <= bracket.met_ops_s * (1 + precision) * 1.001);
        CHECK(bracket.confirmed);
        CHECK(search.remark().empty());
        const auto doublings = static_cast<std::size_t>(std::log2(border / 50)) + 1;
        CHECK(search.trials() <= doublings + 15 + 4 * confirmations);
      }
    }
  }
}

TEST_CASE("the search begins by doubling and bisects the logarithm", "[reports][capacity]") {
  CapacitySearch search({.start_ops_s = 100, .limit_ops_s = 1e6, .precision = 0.05, .confirmations = 1});
  std::vector<double> asked;
  while (const auto rate = search.next_rate()) {
    CHECK(search.next_rate() == rate);  // asking again changes nothing
    asked.push_back(*rate);
    search.tell(*rate, *rate < 500);
  }
  REQUIRE(asked.size() >= 6);
  const std::vector<double> expected{100, 200, 400, 800, 565.7, 475.7};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(asked[i] == Approx(expected[i]));
  CHECK(asked.back() == search.bracket().met_ops_s);  // the confirming trial
  CHECK(search.trials() == asked.size());
}

TEST_CASE("the ends of the search are said", "[reports][capacity]") {
  const CapacityOptions options{.start_ops_s = 1000, .limit_ops_s = 10'000, .lowest_ops_s = 100};
  const auto none = searched(options, [](double) { return false; });
  CHECK(none.outcome() == CapacityOutcome::below_lowest);
  CHECK(none.bracket().met_ops_s == 0);
  CHECK(none.bracket().failed_ops_s == 100);
  CHECK_FALSE(none.bracket().confirmed);
  CHECK(none.remark() == "not even the lowest rate, 100/s");
  const auto all = searched(options, [](double) { return true; });
  CHECK(all.outcome() == CapacityOutcome::limit_reached);
  CHECK(all.bracket().met_ops_s == 10'000);
  CHECK(std::isinf(all.bracket().failed_ops_s));
  CHECK(all.bracket().confirmed);
  CHECK(all.remark() == "limit reached, 10k/s");
  // Below the start, above the lowest.
  const auto low = searched(options, [](double rate) { return rate < 300; });
  CHECK(low.outcome() == CapacityOutcome::found);
  CHECK(low.bracket().met_ops_s == Approx(300).epsilon(0.05));
  const auto at_start = searched({.start_ops_s = 1000, .limit_ops_s = 1e4}, [](double) { return false; });
  CHECK(at_start.outcome() == CapacityOutcome::below_lowest);
}

TEST_CASE("a failed confirmation lowers the upper end", "[reports][capacity]") {
  CapacitySearch search({.start_ops_s = 100, .limit_ops_s = 1e6, .precision = 0.05, .confirmations = 1});
  double refused = 0;
  while (const auto rate = search.next_rate()) {
    const double last_met = search.bracket().met_ops_s;
    const bool is_first_confirmation = refused == 0 && *rate == last_met;
    if (is_first_confirmation) refused = *rate;
    search.tell(*rate, *rate < 500 && !is_first_confirmation);
  }
  REQUIRE(refused > 450);
  CHECK(search.outcome() == CapacityOutcome::found);
  CHECK(search.bracket().failed_ops_s == refused);
  CHECK(search.bracket().met_ops_s < refused);
  CHECK(search.bracket().met_ops_s * 1.051 > refused);
  CHECK(search.bracket().confirmed);
}

TEST_CASE("single wrong trials far from the border are overturned", "[reports][capacity]") {
  // The k-th trial lies, whichever it is.
  for (std::size_t liar = 1; liar <= 20; ++liar) {
    std::size_t k = 0;
    const auto search = searched(
        {.start_ops_s = 100, .limit_ops_s = 1e6, .precision = 0.05, .lowest_ops_s = 1}, [&](double rate) {
          const bool met = rate < 3000;
          return ++k == liar ? !met : met;
        });
    INFO("trial " << liar << " lies");
    CHECK(search.outcome() == CapacityOutcome::found);
    CHECK(search.bracket().confirmed);
    CHECK(search.bracket().met_ops_s < 3000);
    CHECK(search.bracket().failed_ops_s >= 3000);
    CHECK(search.bracket().met_ops_s > 2700);
  }
}

TEST_CASE("one trial in twelve failing at any rate does not lose the border", "[reports][capacity]") {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    theory::TheoryRandom random(seed);
    const auto search =
        searched({.start_ops_s = 100, .limit_ops_s = 1e6, .precision = 0.05, .lowest_ops_s = 1},
                 [&](double rate) { return rate < 3000 && random.uniform() > 1.0 / 12; });
    held += search.bracket().met_ops_s < 3000 && search.bracket().failed_ops_s >= 2900 &&
                    search.bracket().met_ops_s > 2500
                ? 1
                : 0;
  }
  CHECK(held >= 80);
}

TEST_CASE("wide noise widens the bracket around the border", "[reports][capacity]") {
  int held = 0;
  double width = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    theory::TheoryRandom random(seed);
    // Each trial sees the border elsewhere: a logistic scatter of 5 %, as wide as the precision.
    const auto search = searched(
        {.start_ops_s = 100, .limit_ops_s = 1e6, .precision = 0.05, .lowest_ops_s = 1}, [&](double rate) {
          const double u = random.uniform() * 0.999 + 0.0005;
          return rate < 3000 * std::exp(0.05 / 1.8138 * std::log(u / (1 - u)));
        });
    CHECK(search.outcome() == CapacityOutcome::found);
    const Bracket bracket = search.bracket();
    held += bracket.met_ops_s <= 3000 && 3000 <= bracket.failed_ops_s ? 1 : 0;
    width += (bracket.failed_ops_s / bracket.met_ops_s - 1) / 100;
  }
  CHECK(held >= 65);
  CHECK(width > 0.05);
  CHECK(width < 0.3);
}

TEST_CASE("what never agrees is given up", "[reports][capacity]") {
  CapacityOptions options{.start_ops_s = 100, .limit_ops_s = 1e6};
  options.trial_limit = 7;
  const auto search = searched(options, [](double rate) { return rate < 1e5; });
  CHECK(search.outcome() == CapacityOutcome::gave_up);
  CHECK(search.trials() == 7);
  CHECK_FALSE(search.bracket().confirmed);
  CHECK(search.remark() == "gave up after 7 trials");
}

TEST_CASE("options out of range are refused", "[reports][capacity]") {
  const auto message = [](CapacityOptions options) {
    try {
      CapacitySearch search(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(message({.start_ops_s = 0}) == "capacity search: start_ops_s must be above 0, got 0");
  CHECK_THAT(message({.start_ops_s = std::nan("")}), Contains("start_ops_s"));
  CHECK_THAT(message({.start_ops_s = 10, .limit_ops_s = 5}), Contains("limit_ops_s must be at least"));
  CHECK_THAT(message({.precision = 0}), Contains("precision must be between 0.01 and 1"));
  CHECK_THAT(message({.confirmations = 2}), Contains("confirmations must be odd, got 2"));
  CHECK_THAT(message({.start_ops_s = 10, .lowest_ops_s = 20}), Contains("lowest_ops_s"));
}

// One trial in virtual time: Poisson arrivals at a queue of c exponential servers of 1000 services a second each.
bool queue_meets(int c, double rate, std::uint64_t limit_ns, std::uint64_t seed) {
  constexpr int kWarmUp = 30'000, kMeasured = 300'000;
  constexpr int kTooSlow = kMeasured / 50;  // twice what the limit allows: no need to go on
  if (rate >= 1000.0 * c) return false;     // would not become stationary
  theory::TheoryRandom random(seed);
  theory::Waiting queue(c);
  Histogram response;
  int slow = 0;
  for (int i = 0; i < kWarmUp + kMeasured && slow < kTooSlow; ++i) {
    const double service_s = random.exponential(1000);
    const double wait_s = queue.next(random.exponential(rate), service_s);
    if (i < kWarmUp) continue;
    const auto response_ns = static_cast<std::uint64_t>((wait_s + service_s) * 1e9);
    response.record(response_ns);
    slow += response_ns > limit_ns ? 1 : 0;
  }
  return response.percentile_of_few(0.99) < limit_ns;
}

// A limit at the edge of a bucket near `ns`: there a histogram moves no value across it.
std::uint64_t bucket_edge(double ns) {
  Histogram one;
  one.record(static_cast<std::uint64_t>(ns));
  std::uint64_t edge = 0;
  one.for_each_bucket([&](std::uint64_t low, std::uint64_t, std::uint64_t) { edge = low; });
  return edge;
}

// Without optimisation a search takes seconds, and fewer of them have to do.
#ifdef __OPTIMIZE__
constexpr int kSeeds = 20;
#else
constexpr int kSeeds = 2;
#endif

TEST_CASE("the capacity of M/M/c is what theory says", "[reports][capacity][queueing]") {
  for (const int c : {1, 2, 4}) {
    const std::uint64_t limit_ns = bucket_edge(1e9 * theory::mmc_response_quantile(c, 700.0 * c, 1000, 0.99));
    const double truth = theory::mmc_capacity(c, 1000, 0.99, static_cast<double>(limit_ns) * 1e-9);
    int bracketed = 0, near = 0;
    for (int seed = 0; seed < kSeeds; ++seed) {
      const auto base = static_cast<std::uint64_t>(seed);
      // The first rate decides which rates are tried: it is another one each time.
      const double start = truth / 64 * (1 + theory::TheoryRandom(base * 77 + 5).uniform());
      std::uint64_t trial = base * 1'000'003 + static_cast<std::uint64_t>(c);
      const auto search =
          searched({.start_ops_s = start, .limit_ops_s = 1e6, .precision = 0.05, .confirmations = 5},
                   [&](double rate) { return queue_meets(c, rate, limit_ns, trial += 7); });
      const Bracket bracket = search.bracket();
      CHECK(bracket.confirmed);
      bracketed += bracket.met_ops_s <= truth && truth <= bracket.failed_ops_s ? 1 : 0;
      near += std::abs(bracket.met_ops_s / truth - 1) <= 0.05 ? 1 : 0;
    }
    INFO("servers " << c << " capacity " << truth);
    CHECK(bracketed >= kSeeds - 1);
    CHECK(near >= kSeeds - 1);
  }
}

}  // namespace
}  // namespace crosstalk::reports
