#include "workloads/think_time.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

double normal_share_below(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

std::vector<double> draws(const ThinkTime& think, std::uint64_t seed, std::uint32_t clients,
                          std::uint64_t each) {
  std::vector<double> result;
  for (std::uint32_t client = 0; client < clients; ++client) {
    for (std::uint64_t n = 0; n < each; ++n) result.push_back(think.draw_ns(seed, client, n));
  }
  return result;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0;
  double sb = 0;
  double saa = 0;
  double sbb = 0;
  double sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i];
    sb += b[i];
    saa += a[i] * a[i];
    sbb += b[i] * b[i];
    sab += a[i] * b[i];
  }
  return (n * sab - sa * sb) / std::sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
}

TEST_CASE("think times are read as they are written", "[workloads][think_time]") {
  CHECK(parse_think_time("0") == ThinkTime{});
  CHECK(parse_think_time("0ms/7") == ThinkTime{});
  CHECK(parse_think_time("exp:0") == ThinkTime{});
  CHECK(parse_think_time("2s") == ThinkTime{ThinkLaw::constant, 2e9, 0});
  CHECK(parse_think_time("2s/4") == ThinkTime{ThinkLaw::constant, 5e8, 0});
  CHECK(parse_think_time("1.5") == ThinkTime{ThinkLaw::constant, 1.5e9, 0});
  CHECK(parse_think_time("exp:100ms") == ThinkTime{ThinkLaw::exponential, 1e8, 0});
  CHECK(parse_think_time("exp:100ms/1k") == ThinkTime{ThinkLaw::exponential, 1e5, 0});
  CHECK(parse_think_time("lognormal:1m30s,0.5") == ThinkTime{ThinkLaw::lognormal, 90e9, 0.5});
  CHECK(parse_think_time("lognormal:1m30s,0.5/3") == ThinkTime{ThinkLaw::lognormal, 30e9, 0.5});
  const ThinkTime chat = parse_think_time("chat");
  CHECK(chat.law == ThinkLaw::lognormal);
  CHECK(chat.scale_ns == Approx(42.948e9).epsilon(1e-4));
  CHECK(chat.sigma == 1.69);
  CHECK(parse_think_time("chat/100").scale_ns == chat.scale_ns / 100);
}

TEST_CASE("means are those of the laws", "[workloads][think_time]") {
  CHECK(ThinkTime{}.mean_ns() == 0);
  CHECK(parse_think_time("2s").mean_ns() == 2e9);
  CHECK(parse_think_time("exp:100ms").mean_ns() == 1e8);
  CHECK(parse_think_time("lognormal:10s,0.5").mean_ns() == Approx(10e9 * std::exp(0.125)));
  CHECK(parse_think_time("chat").mean_ns() == Approx(179.13e9).epsilon(1e-4));
}

TEST_CASE("draws follow their law over clients and over time", "[workloads][think_time]") {
  CHECK(ThinkTime{}.draw_ns(1, 2, 3) == 0);
  CHECK(parse_think_time("2s").draw_ns(1, 2, 3) == 2e9);
  const ThinkTime exponential = parse_think_time("exp:100ms");
  const ThinkTime lognormal = parse_think_time("lognormal:10s,1.69");
  const auto below_exponential = [](double x) { return 1 - std::exp(-x / 1e8); };
  const auto below_lognormal = [](double x) { return normal_share_below(std::log(x / 10e9) / 1.69); };
  // Many of one client, one of many, and a bit of both.
  for (const auto& [clients, each] :
       {std::pair{1U, 100'000U}, std::pair{100'000U, 1U}, std::pair{300U, 300U}}) {
    INFO(clients << " clients with " << each << " each");
    const double of_exponential = kolmogorov_deviate(draws(exponential, 1, clients, each), below_exponential);
    const double of_lognormal = kolmogorov_deviate(draws(lognormal, 1, clients, each), below_lognormal);
    CHECK(of_exponential < 1.95);
    CHECK(of_lognormal < 1.95);
    const std::string sample = std::to_string(clients) + " clients x " + std::to_string(each) + ", KS";
    note_accuracy("think time, exponential, " + sample, 0, of_exponential, 1.95);
    note_accuracy("think time, lognormal, " + sample, 0, of_lognormal, 1.95);
  }
  // The test can tell a law that is a little off.
  CHECK(kolmogorov_deviate(draws(exponential, 1, 300, 300),
                           [&](double x) { return below_exponential(1.03 * x); }) > 1.95);
  double sum = 0;
  for (const double ns : draws(exponential, 2, 100, 1'000)) sum += ns;
  CHECK(sum / 100'000 == Approx(exponential.mean_ns()).epsilon(4 / std::sqrt(100'000)));
  // Of the lognormal with little spread, whose mean can be seen in a sample.
  const ThinkTime narrow = parse_think_time("lognormal:10s,0.5");
  sum = 0;
  for (const double ns : draws(narrow, 2, 100, 1'000)) sum += ns;
  CHECK(sum / 100'000 == Approx(narrow.mean_ns()).epsilon(4 * std::sqrt((std::exp(0.25) - 1) / 100'000)));
}

TEST_CASE("the order of drawing does not matter", "[workloads][think_time]") {
  const ThinkTime think = parse_think_time("chat");
  const std::vector<double> forwards = draws(think, 5, 50, 50);
  std::vector<double> backwards(forwards.size());
  for (std::size_t i = forwards.size(); i-- > 0;) {
    backwards[i] = think.draw_ns(5, static_cast<std::uint32_t>(i / 50), i % 50);
  }
  CHECK(backwards == forwards);
}

TEST_CASE("seeds, clients and numbers draw apart from each other", "[workloads][think_time]") {
  const ThinkTime think = parse_think_time("exp:1s");
  std::set<double> seen;
  std::size_t drawn = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, ~0ULL}) {
    for (const std::uint32_t client : {0U, 1U, 9'999'999U}) {
      for (std::uint64_t n = 0; n < 1'000; ++n, ++drawn) seen.insert(think.draw_ns(seed, client, n));
    }
  }
  CHECK(seen.size() == drawn);
  // Of neighbours, by client, by number and by seed: nothing of one is seen in the other.
  const double bound = 4 / std::sqrt(100'000);
  std::vector<double> here;
  std::vector<double> next_client;
  std::vector<double> next_number;
  std::vector<double> next_seed;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    here.push_back(think.draw_ns(1, 10, i));
    next_client.push_back(think.draw_ns(1, 11, i));
    next_number.push_back(think.draw_ns(1, 10, i + 1));
    next_seed.push_back(think.draw_ns(2, 10, i));
  }
  CHECK(std::abs(correlation(here, next_client)) < bound);
  CHECK(std::abs(correlation(here, next_number)) < bound);
  CHECK(std::abs(correlation(here, next_seed)) < bound);
}

TEST_CASE("think times never change: runs could not be repeated", "[workloads][think_time]") {
  CHECK(parse_think_time("exp:1s").draw_ns(1, 2, 3) == Approx(1030536769.6878123).epsilon(1e-14));
  CHECK(parse_think_time("chat").draw_ns(42, 7, 100) == Approx(748845590848.9544678).epsilon(1e-14));
}

TEST_CASE("think times that cannot be are refused with bound and value", "[workloads][think_time]") {
  const std::string law = "must be a duration up to 1e16 ns, exp:MEAN, lognormal:MEDIAN,SIGMA or chat, got ";
  const std::string duration = "must be a duration up to 1e16 ns like 500us, 30s or 1m30s, got ";
  const std::string factor = "the factor after / must be between 0.001 and 1e9, got ";
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", law + "nothing"},
           {"fast", law + "'fast'"},
           {"-1s", law + "'-1s'"},
           {"1e10", law + "'1e10'"},
           {"exp", law + "'exp'"},
           {"exp:", "the mean of exp: " + duration + "nothing"},
           {"exp:x", "the mean of exp: " + duration + "'x'"},
           {"lognormal:1s", "lognormal: must be followed by MEDIAN,SIGMA like 43s,1.69, got '1s'"},
           {"lognormal:x,1", "the median of lognormal: " + duration + "'x'"},
           {"lognormal:1s,11", "the sigma of lognormal: must be between 0 and 10, got '11'"},
           {"lognormal:1s,-1", "the sigma of lognormal: must be between 0 and 10, got '-1'"},
           {"chat/0", factor + "'0'"},
           {"chat/", factor + "nothing"},
           {"chat/1e10", factor + "'1e10'"}}) {
    INFO(text);
    CHECK_THROWS_WITH(parse_think_time(text), "think time: " + message);
  }
}

TEST_CASE("what is left of a think time is that of a long run", "[workloads][think]") {
  constexpr std::uint32_t kClients = 200'000;
  const auto mean_of = [](const ThinkTime& think) {
    double sum = 0;
    for (std::uint32_t client = 0; client < kClients; ++client) sum += think.residual_ns(9, client);
    return sum / kClients;
  };
  // E[X^2] / (2 E[X])
  CHECK(mean_of({ThinkLaw::constant, 1e6, 0}) == Approx(0.5e6).epsilon(0.01));
  CHECK(mean_of({ThinkLaw::exponential, 1e6, 0}) == Approx(1e6).epsilon(0.01));
  const double sigma = 0.5;
  CHECK(mean_of({ThinkLaw::lognormal, 1e6, sigma}) ==
        Approx(1e6 * std::exp(1.5 * sigma * sigma) / 2).epsilon(0.01));
  CHECK(mean_of({}) == 0);
}

}  // namespace
}  // namespace crosstalk::workloads
