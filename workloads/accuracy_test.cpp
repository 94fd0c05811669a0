// Is the load what it is said to be? Each proof compares generated laps with theory, as formulas written here
// and not as the library has them, and shows that it would notice a load that is a little off.
// CROSSTALK_ACCURACY=FILE collects the figures, one line a proof: what, expected, measured, bound.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/generate.h"
#include "workloads/random.h"
#include "workloads/test_files.h"
#include "workloads/test_statistics.h"
#include "workloads/zipf.h"

namespace crosstalk::workloads {
namespace {

constexpr std::array kRates{1e3, 300e3, 2e6};

// A lap that is quick to make: everybody marks one room.
Scenario marks() {
  return built_in("hot_counter");
}

std::string at_rate(double rate) {
  return " at " + std::to_string(static_cast<int>(rate)) + "/s";
}

// Of a whole lap, the one over its end included: as many as operations, and their sum is the lap.
std::vector<double> gaps_of(const Trace& trace) {
  std::vector<double> gaps{trace.ops.front().intended_ns + trace.lap_ns - trace.ops.back().intended_ns};
  for (std::size_t i = 1; i < trace.ops.size(); ++i) {
    gaps.push_back(trace.ops[i].intended_ns - trace.ops[i - 1].intended_ns);
  }
  return gaps;
}

// Is a sample exponential with its own mean? Kolmogorov-Smirnov and Anderson-Darling, modified for the mean
// being the sample's (Stephens, JASA 69, 1974; D'Agostino and Stephens, 1986, table 4.14). Above 1.308 and
// above 1.957: one in a hundred.
constexpr double kSmirnovOfAHundred = 1.308;
constexpr double kDarlingOfAHundred = 1.957;
struct Exponentiality {
  double smirnov = 0;
  double darling = 0;
};
Exponentiality exponentiality(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  const std::size_t count = sample.size();
  const auto n = static_cast<double>(count);
  double mean = 0;
  for (const double x : sample) mean += x / n;
  double distance = 0;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = static_cast<double>(i);
    const double below = -std::expm1(-sample[i] / mean);
    distance = std::max({distance, below - place / n, (place + 1) / n - below});
    // ln F(x_i) + ln(1 - F(x_{n+1-i})), and the logarithm of what is above x is -x.
    sum += (2 * place + 1) * (std::log(std::max(below, 1e-300)) - sample[count - 1 - i] / mean);
  }
  const double root = std::sqrt(n);
  return {(distance - 0.2 / n) * (root + 0.26 + 0.5 / root), (-n - sum / n) * (1 + 0.6 / n)};
}

TEST_CASE("the tests of exponentiality are wrong once in a hundred", "[workloads][accuracy]") {
  const int rounds = 10'000;
  int smirnov = 0;
  int darling = 0;
  RandomStream random(1, Purpose::plan);
  std::vector<double> sample(200);
  for (int round = 0; round < rounds; ++round) {
    for (double& x : sample) x = 7 * random.exponential();
    const Exponentiality got = exponentiality(sample);
    smirnov += got.smirnov > kSmirnovOfAHundred ? 1 : 0;
    darling += got.darling > kDarlingOfAHundred ? 1 : 0;
  }
  // 100 +- 10 by chance alone; the published points are good to a fifth of that.
  CHECK(std::abs(smirnov - rounds / 100) < 50);
  CHECK(std::abs(darling - rounds / 100) < 50);
}

TEST_CASE("Poisson gaps are exponential at every rate", "[workloads][accuracy]") {
  // Fifteen laps of half a million: two of them above the point of one in a hundred would be one in a hundred.
  int smirnov = 0;
  int darling = 0;
  for (const double rate : kRates) {
    Exponentiality worst;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      // Seeds of their own: at equal seeds the gaps of two rates are the same but for their scale.
      const std::uint64_t own = seed + static_cast<std::uint64_t>(rate);
      const Exponentiality got =
          exponentiality(gaps_of(make_trace(marks(), own, 100, {ArrivalLaw::poisson, rate})));
      smirnov += got.smirnov > kSmirnovOfAHundred ? 1 : 0;
      darling += got.darling > kDarlingOfAHundred ? 1 : 0;
      worst = {std::max(worst.smirnov, got.smirnov), std::max(worst.darling, got.darling)};
    }
    note_accuracy("poisson gaps, KS, worst of 5 laps" + at_rate(rate), 0, worst.smirnov, kSmirnovOfAHundred);
    note_accuracy("poisson gaps, AD, worst of 5 laps" + at_rate(rate), 0, worst.darling, kDarlingOfAHundred);
  }
  CHECK(smirnov <= 1);
  CHECK(darling <= 1);
}

TEST_CASE("gaps that are not exponential are noticed", "[workloads][accuracy]") {
  const std::vector<double> gaps = gaps_of(make_trace(marks(), 1, 100, {ArrivalLaw::poisson, 2e6}));
  // One in a hundred operations sent with the one before it.
  std::vector<double> coupled = gaps;
  for (std::size_t i = 0; i < coupled.size(); i += 100) coupled[i] = 0;
  CHECK(exponentiality(coupled).smirnov > kSmirnovOfAHundred);
  CHECK(exponentiality(coupled).darling > kDarlingOfAHundred);
  // Instants of whole microseconds, as a timer would have them.
  std::vector<double> rounded = gaps;
  for (double& gap : rounded) gap = 1'000 * std::round(gap / 1'000);
  CHECK(exponentiality(rounded).smirnov > kSmirnovOfAHundred);
  CHECK(exponentiality(rounded).darling > kDarlingOfAHundred);
}

TEST_CASE("Poisson gaps do not know of each other", "[workloads][accuracy]") {
  for (const double rate : kRates) {
    const Trace trace =
        make_trace(marks(), 7 + static_cast<std::uint64_t>(rate), 100, {ArrivalLaw::poisson, rate});
    const std::vector<double> gaps = gaps_of(trace);
    const auto n = static_cast<double>(gaps.size());
    const double mean = trace.lap_ns / n;
    double sum = 0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      sum += (gaps[i] / mean - 1) * (gaps[(i + 1) % gaps.size()] / mean - 1);
    }
    const double bound = 3.3 / std::sqrt(n);
    CHECK(std::abs(sum / n) < bound);
    note_accuracy("poisson gaps, correlation of neighbours" + at_rate(rate), 0, sum / n, bound);
  }
}

TEST_CASE("the rate is exact over a lap and as chance has it within", "[workloads][accuracy]") {
  for (const double rate : kRates) {
    for (const ArrivalLaw law : {ArrivalLaw::constant, ArrivalLaw::poisson, ArrivalLaw::hawkes}) {
      const Trace trace = make_trace(marks(), 3 + static_cast<std::uint64_t>(rate), 100, {law, rate});
      const double achieved = static_cast<double>(trace.ops.size()) / trace.lap_ns * 1e9;
      CHECK(std::abs(achieved / rate - 1) < 1e-14);
      if (law == ArrivalLaw::hawkes) {
        note_accuracy("hawkes, rate over a lap" + at_rate(rate), rate, achieved, rate * 1e-14);
        continue;  // its windows: hawkes_test
      }
      const char* const name = law == ArrivalLaw::poisson ? "poisson" : "constant";
      note_accuracy(name + (", rate over a lap" + at_rate(rate)), rate, achieved, rate * 1e-14);
      // Windows of 1024 operations.
      std::vector<double> counts(trace.ops.size() / 1'024);
      const double window_ns = trace.lap_ns / static_cast<double>(counts.size());
      for (const Op& op : trace.ops) counts.at(static_cast<std::size_t>(op.intended_ns / window_ns)) += 1;
      const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
      const double mean = static_cast<double>(trace.ops.size()) / static_cast<double>(counts.size());
      const double farthest = std::max(mean - *least, *most - mean);
      if (law == ArrivalLaw::constant) {
        CHECK(farthest <= 1);
        note_accuracy("constant, count in a window of 1024, farthest" + at_rate(rate), 0, farthest, 1);
        continue;
      }
      const std::vector<double> equal(counts.size(), 1 / static_cast<double>(counts.size()));
      const double deviate = chi_square_deviate(counts, equal);
      CHECK(std::abs(deviate) < 3.3);  // neither more nor less even than Poisson counts are
      note_accuracy("poisson, counts in windows of 1024, chi-square deviate" + at_rate(rate), 0, deviate,
                    3.3);
      // The largest of 512: five deviations are one in 3,000.
      CHECK(farthest < 5 * std::sqrt(mean));
      note_accuracy("poisson, count in a window of 1024, farthest" + at_rate(rate), 0, farthest,
                    5 * std::sqrt(mean));
    }
  }
}

TEST_CASE("at a constant rate no two operations share an instant", "[workloads][accuracy]") {
  for (const char* scenario : {"hot_counter", "community"}) {
    for (const double rate : kRates) {
      const Trace trace = make_trace(built_in(scenario), 5, 1'000, {ArrivalLaw::constant, rate});
      double smallest = trace.lap_ns;
      double largest = 0;
      for (const double gap : gaps_of(trace)) {
        smallest = std::min(smallest, gap);
        largest = std::max(largest, gap);
      }
      // To what a double holds of an instant at the lap's end.
      CHECK(smallest > 1e9 / rate * (1 - 1e-9));
      CHECK(largest < 1e9 / rate * (1 + 1e-9));
      note_accuracy(std::string("constant, ") + scenario + ", smallest gap, ns" + at_rate(rate), 1e9 / rate,
                    smallest, 1 / rate);
    }
  }
}

TEST_CASE("at a constant rate no client is a clock", "[workloads][accuracy]") {
  // Whose turn it is, is drawn for each operation: a client's turns are as far apart as draws at random are, which
  // is geometric. Round robin would have equal distances, bursts many of 1.
  const std::uint32_t clients = 50;
  const Trace trace = make_trace(marks(), 11, clients, {ArrivalLaw::constant, 300e3});
  const double chance = 1.0 / clients;
  std::vector<double> counts(400);
  std::vector<double> geometric(400);
  std::vector<std::size_t> last(clients);
  std::vector<bool> seen(clients);
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    const std::uint32_t client = trace.ops[i].client;
    if (seen[client]) counts[std::min<std::size_t>(i - last[client], 400) - 1] += 1;
    seen[client] = true;
    last[client] = i;
  }
  for (std::size_t k = 0; k < 399; ++k) geometric[k] = chance * std::pow(1 - chance, static_cast<double>(k));
  geometric[399] = std::pow(1 - chance, 399);
  const double deviate = chi_square_deviate(counts, geometric);
  CHECK(std::abs(deviate) < 3.3);
  note_accuracy("constant, turns between a client's operations, chi-square deviate", 0, deviate, 3.3);
}

// ---- ranks --------------------------------------------------------------------------------------------

struct Skew {
  double exponent = 0;
  double offset = 0;
};
constexpr std::array kSkews{Skew{0.5, 0}, Skew{0.99, 0}, Skew{1.17, 0}, Skew{1.37, 80}};

std::vector<double> shares_in_theory(const Skew& skew, std::size_t ranks) {
  std::vector<double> shares;
  double sum = 0;
  for (std::size_t k = 1; k <= ranks; ++k) {
    shares.push_back(std::pow(static_cast<double>(k) + skew.offset, -skew.exponent));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

void check_ranks(const std::string& what, const Skew& skew, const std::vector<double>& counts) {
  std::ostringstream name;
  name << what << ", s " << skew.exponent << " q " << skew.offset;
  INFO(name.str());
  const std::vector<double> theory = shares_in_theory(skew, counts.size());
  const double deviate = chi_square_deviate(counts, theory);
  CHECK(deviate < 3.1);
  note_accuracy(name.str() + ", chi-square deviate", 0, deviate, 3.1);
  double all = 0;
  for (const double count : counts) all += count;
  double measured = 0;
  double expected = 0;
  for (std::size_t rank = 0; rank < counts.size() / 10; ++rank) {
    measured += counts[rank] / all;
    expected += theory[rank];
    if (rank != 0 && rank + 1 != counts.size() / 10) continue;
    const double bound = 3.3 * std::sqrt(expected * (1 - expected) / all);
    CHECK(std::abs(measured - expected) < bound);
    note_accuracy(name.str() + (rank == 0 ? ", first rank" : ", first tenth of the ranks"), expected,
                  measured, bound);
  }
  // An exponent that is off by a fiftieth would be noticed.
  const Skew off{skew.exponent * 1.02, skew.offset};
  CHECK(chi_square_deviate(counts, shares_in_theory(off, counts.size())) > 3.1);
}

TEST_CASE("ranks are drawn as Zipf and Mandelbrot say", "[workloads][accuracy]") {
  for (const Skew& skew : kSkews) {
    const Zipf zipf(1'000, skew.exponent, skew.offset);
    RandomStream random(1, Purpose::plan);
    std::vector<double> counts(zipf.size());
    for (int i = 0; i < 2'000'000; ++i) counts[zipf.draw(random)] += 1;
    check_ranks("zipf, 1000 ranks, 2M draws", skew, counts);
  }
}

TEST_CASE("rooms and users of a lap have their ranks' shares", "[workloads][accuracy]") {
  for (const Skew& skew : kSkews) {
    Scenario scenario = built_in("community");
    scenario.churn = scenario.move = scenario.direct = scenario.history = scenario.who = scenario.presence =
        scenario.mark = 0;
    scenario.silent_share = 0;
    scenario.lap_operations = 1U << 20;
    scenario.membership_exponent = 0;  // so that every room has somebody who speaks
    scenario.room_exponent = skew.exponent;
    scenario.room_offset = skew.offset;
    std::vector<double> rooms(scenario.rooms);
    for (const Op& op : make_trace(scenario, 1, 5'000, {}).ops) rooms[op.room] += 1;
    check_ranks("posts by room, 150 rooms, 1M posts", skew, rooms);
    // In a single room a user's rank is its number.
    scenario.rooms = 1;
    scenario.rooms_per_client = {1};
    scenario.user_exponent = skew.exponent;
    scenario.user_offset = skew.offset;
    std::vector<double> users(1'000);
    for (const Op& op : make_trace(scenario, 2, 1'000, {}).ops) users[op.client] += 1;
    check_ranks("posts by user, 1000 users, 1M posts", skew, users);
  }
}

// ---- lengths ------------------------------------------------------------------------------------------

double weibull_below(double x, double shape, double scale) {
  return -std::expm1(-std::pow(x / scale, shape));
}
double lognormal_below(double x, double mu, double sigma) {
  return x <= 0 ? 0 : std::erfc((mu - std::log(x)) / (sigma * std::sqrt(2.0))) / 2;
}

TEST_CASE("lengths of messages follow their law", "[workloads][accuracy]") {
  for (const char* name : {"community", "team", "memory_consistency", "stream"}) {
    INFO(name);
    Scenario scenario = built_in(name);
    scenario.churn = 0;
    scenario.lap_operations = 1U << 20;
    const auto below = [&](double x) {
      return scenario.length_law == LengthLaw::weibull
                 ? weibull_below(x, scenario.length_a, scenario.length_b)
                 : lognormal_below(x, scenario.length_a, scenario.length_b);
    };
    std::vector<double> counts(scenario.length_cap + 1);
    double all = 0;
    for (const Op& op : make_trace(scenario, 4, 2'000, {}).ops) {
      if (op.kind != OpKind::post && op.kind != OpKind::direct) continue;
      counts.at(op.bytes) += 1;
      all += 1;
    }
    // A length is the law's value rounded down, at least 1 and at most the cap. For whole numbers the
    // distribution's usual points are on the safe side: 1.63 is less than one in a hundred.
    const auto distance = [&](double stretch) {
      double gone = 0;
      double farthest = 0;
      for (std::size_t bytes = 0; bytes < scenario.length_cap; ++bytes) {
        gone += counts[bytes] / all;
        const double theory = bytes == 0 ? 0 : below((static_cast<double>(bytes) + 1) * stretch);
        farthest = std::max(farthest, std::abs(gone - theory));
      }
      return farthest * std::sqrt(all);
    };
    CHECK(distance(1) < 1.63);
    CHECK(distance(1.02) > 1.63);  // lengths that are off by a fiftieth are noticed
    note_accuracy(std::string("lengths, ") + name + ", KS", 0, distance(1), 1.63);
  }
}

}  // namespace
}  // namespace crosstalk::workloads
