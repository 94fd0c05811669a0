#include "workloads/instants.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "workloads/test_files.h"
#include "workloads/test_laps.h"
#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

TEST_CASE("the offered rate is exact over a lap", "[workloads][instants]") {
  for (const ArrivalLaw law : {ArrivalLaw::constant, ArrivalLaw::poisson}) {
    for (const double rate : {0.001, 3.0, 12'345.6, 1e9}) {
      const Trace trace = make_trace(busy(), 1, 100, {law, rate});
      CHECK(trace.lap_ns == static_cast<double>(trace.ops.size()) * (1e9 / rate));
      CHECK(trace.ops.front().intended_ns >= 0);
      CHECK(trace.ops.back().intended_ns < trace.lap_ns);
    }
  }
}

TEST_CASE("constant gaps are exact, also from lap to lap", "[workloads][instants]") {
  const Trace trace = make_trace(busy(), 1, 100, {ArrivalLaw::constant, 3'000});
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    REQUIRE(trace.ops[i].intended_ns == static_cast<double>(i) * (1e9 / 3'000));
  }
  CHECK(trace.lap_ns - trace.ops.back().intended_ns == Approx(1e9 / 3'000));
}

TEST_CASE("Poisson gaps are exponential, also from lap to lap", "[workloads][instants]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Trace trace = make_trace(busy(), seed, 100, {ArrivalLaw::poisson, 2'000});
    std::vector<double> gaps{trace.ops.front().intended_ns + trace.lap_ns - trace.ops.back().intended_ns};
    for (std::size_t i = 1; i < trace.ops.size(); ++i) {
      gaps.push_back(trace.ops[i].intended_ns - trace.ops[i - 1].intended_ns);
    }
    const double mean = 1e9 / 2'000;
    CHECK(kolmogorov_deviate(gaps, [mean](double x) { return 1 - std::exp(-x / mean); }) < 1.95);
    CHECK(kolmogorov_deviate(gaps, [mean](double x) { return 1 - std::exp(-1.05 * x / mean); }) > 1.95);
  }
}

TEST_CASE("hawkes arrivals make laps that are valid, closed and of the exact rate", "[workloads][instants]") {
  for (const std::string name : {"team", "community", "stream", "hot_counter"}) {
    Scenario scenario = built_in(name);
    scenario.lap_operations = 30'000;
    for (const std::uint32_t clients : {1U, 17U, 40'000U}) {
      INFO(name << " with " << clients << " clients");
      const Trace trace = make_trace(scenario, 1, clients, {ArrivalLaw::hawkes, 20'000});
      check_closed(trace, scenario.lap_operations);
      CHECK(trace.lap_ns == static_cast<double>(trace.ops.size()) * (1e9 / 20'000));
      CHECK(trace.time_scale == 20'000 / scenario.hawkes_rate);
      CHECK(trace.ops.front().intended_ns >= 0);
      CHECK(trace.ops.back().intended_ns < trace.lap_ns);
      CHECK(std::is_sorted(trace.ops.begin(), trace.ops.end(),
                           [](const Op& a, const Op& b) { return a.intended_ns < b.intended_ns; }));
    }
  }
}

TEST_CASE("counts of a generated lap vary as the hawkes law says, on the compressed clock",
          "[workloads][instants]") {
  Scenario scenario = built_in("stream");
  scenario.hawkes_slow_sd = 0;
  const HawkesLaw law{.branching = scenario.hawkes_branching, .decay = scenario.hawkes_decay_s};
  const Trace trace = make_trace(scenario, 1, 1'000, {ArrivalLaw::hawkes, 50'000});
  for (const double window_s : {1.0, 10.0}) {
    const double window_ns = window_s * 1e9 / trace.time_scale;
    std::vector<double> counts(static_cast<std::size_t>(trace.lap_ns / window_ns));
    for (const Op& op : trace.ops) {
      const auto place = static_cast<std::size_t>(op.intended_ns / window_ns);
      if (place < counts.size()) counts[place] += 1;
    }
    double sum = 0;
    double squares = 0;
    for (const double count : counts) {
      sum += count;
      squares += count * count;
    }
    const auto n = static_cast<double>(counts.size());
    CHECK((squares / n - sum * sum / n / n) / (sum / n) == Approx(hawkes_fano(law, window_s)).epsilon(0.05));
  }
}

TEST_CASE("under hawkes arrivals what happens does not depend on the rate", "[workloads][instants]") {
  const Trace slow = make_trace(busy(), 1, 100, {ArrivalLaw::hawkes, 1'000});
  const Trace fast = make_trace(busy(), 1, 100, {ArrivalLaw::hawkes, 2'000});
  REQUIRE(slow.ops.size() == fast.ops.size());
  for (std::size_t i = 0; i < slow.ops.size(); ++i) {
    REQUIRE(slow.ops[i].client == fast.ops[i].client);
    REQUIRE(slow.ops[i].kind == fast.ops[i].kind);
    REQUIRE(slow.ops[i].intended_ns == Approx(2 * fast.ops[i].intended_ns).margin(1e-3));
  }
}

TEST_CASE("what happens does not depend on when", "[workloads][instants]") {
  const Trace closed = make_trace(busy(), 1, 100, {});
  const Trace open = make_trace(busy(), 1, 100, {ArrivalLaw::poisson, 100});
  REQUIRE(closed.ops.size() == open.ops.size());
  for (std::size_t i = 0; i < open.ops.size(); ++i) {
    REQUIRE(closed.ops[i].client == open.ops[i].client);
    REQUIRE(closed.ops[i].kind == open.ops[i].kind);
  }
}

}  // namespace
}  // namespace crosstalk::workloads
