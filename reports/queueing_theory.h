// For tests: queues whose answer is known. Rates in events per second, times in seconds. `c` servers, one queue, first
// come first served; `lambda` arrivals and `mu` services per second (of one server), lambda < c mu.
//
// M/M/c: L. Kleinrock, "Queueing Systems", volume 1 (1975), sections 3.2, 3.5 and 5.12. M/D/1: C. D. Crommelin, "Delay
// probability formulae" (1932), in the form of G. J. Franx, "A simple solution for the M/D/c waiting time distribution"
// (Operations Research Letters 29, 2001), in which nothing alternates: Erlang's sum loses all digits from a few services
// on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace crosstalk::reports::theory {

// Smallest x in (0, inf) with f(x) <= 0, for an f that falls.
template <class F>
[[nodiscard]] double falls_to_zero(F&& f) {
  double high = 1e-12;
  while (f(high) > 0) high *= 2;
  double low = high / 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; ++i) {
    const double middle = (low + high) / 2;
    (f(middle) > 0 ? low : high) = middle;
  }
  return high;
}

// Probability that an arrival waits (Erlang 1917). By the recursion of Erlang B, which is stable.
[[nodiscard]] inline double erlang_c(int c, double load) {
  double blocked = 1;
  for (int k = 1; k <= c; ++k) blocked = load * blocked / (k + load * blocked);
  return c * blocked / (c - load * (1 - blocked));
}

// P(response > t): waiting with probability C for an exponential time of rate c mu - lambda, then service.
[[nodiscard]] inline double mmc_response_tail(int c, double lambda, double mu, double t) {
  const double waits = erlang_c(c, lambda / mu);
  const double drain = c * mu - lambda;
  const double served = std::exp(-mu * t);
  const double both = std::abs(drain - mu) < 1e-9 * mu
                          ? (1 + mu * t) * served
                          : (drain * served - mu * std::exp(-drain * t)) / (drain - mu);
  return (1 - waits) * served + waits * both;
}

[[nodiscard]] inline double mmc_response_quantile(int c, double lambda, double mu, double p) {
  return falls_to_zero([&](double t) { return mmc_response_tail(c, lambda, mu, t) - (1 - p); });
}

[[nodiscard]] inline double mm1_response_quantile(double lambda, double mu, double p) {
  return -std::log(1 - p) / (mu - lambda);
}

// The largest lambda at which the p-quantile of the response is at most `limit_s`; 0 where service alone is slower.
[[nodiscard]] inline double mmc_capacity(int c, double mu, double p, double limit_s) {
  if (std::exp(-mu * limit_s) >= 1 - p) return 0;
  double low = 0, high = c * mu;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (mmc_response_tail(c, middle, mu, limit_s) <= 1 - p ? low : high) = middle;
  }
  return low;
}

// Waiting time of the M/D/1 queue, service `d` seconds each.
class Md1Wait {
 public:
  Md1Wait(double lambda, double d) : lambda_(lambda), d_(d) {}

  [[nodiscard]] double mean() const { return load() * d_ / (2 * (1 - load())); }
  // P(wait <= t). With m services begun within t: sum over j < m of P(at most m - 1 - j wait) times a Poisson
  // probability, all terms positive.
  [[nodiscard]] double cdf(double t) {
    if (t < 0) return 0;
    const auto m = static_cast<std::size_t>(t / d_) + 1;
    const double rest = lambda_ * (static_cast<double>(m) * d_ - t);
    extend(m + 1);
    double poisson = std::exp(-rest);
    double sum = 0;
    for (std::size_t j = 0; j < m; ++j) {
      sum += at_most_[m - j] * poisson;  // queue of at most m - 1 - j: that many and one in service
      poisson *= rest / static_cast<double>(j + 1);
    }
    return std::min(sum, 1.0);
  }
  [[nodiscard]] double quantile(double p) {
    if (p <= 1 - load()) return 0;
    return falls_to_zero([&](double t) { return p - cdf(t); });
  }

 private:
  [[nodiscard]] double load() const { return lambda_ * d_; }

  // P(number in system = j) by crossings of the level between j and j + 1, which happen as often up as down:
  // p[j+1] a[0] = p[0] P(A > j) + sum over i = 1..j of p[i] P(A > j - i + 1), A arrivals during a service.
  void extend(std::size_t most) {
    if (in_system_.empty()) {
      in_system_.push_back(1 - load());
      at_most_.push_back(1 - load());
    }
    while (in_system_.size() <= most) {
      const std::size_t j = in_system_.size() - 1;
      while (more_than_.size() <= j + 1) more_than_.push_back(arrivals_above(more_than_.size()));
      double up = in_system_[0] * more_than_[j];
      for (std::size_t i = 1; i <= j; ++i) up += in_system_[i] * more_than_[j - i + 1];
      in_system_.push_back(up * std::exp(load()));
      at_most_.push_back(at_most_.back() + in_system_.back());
    }
  }
  [[nodiscard]] double arrivals_above(std::size_t k) const {
    double term = std::exp(-load());
    for (std::size_t i = 1; i <= k + 1; ++i) term *= load() / static_cast<double>(i);
    double sum = 0;
    for (std::size_t i = k + 1; term > 1e-300 && term > 1e-18 * sum; ++i) {
      sum += term;
      term *= load() / static_cast<double>(i + 1);
    }
    return sum;
  }

  double lambda_, d_;
  std::vector<double> in_system_, at_most_, more_than_;
};

// Splitmix64 (Steele, Lea and Flood 2014), with exponential numbers: the same on every machine but for log().
class TheoryRandom {
 public:
  // The seed is mixed: it moves along the same sequence otherwise, and neighbours would share their numbers.
  explicit TheoryRandom(std::uint64_t seed) : state_(mixed(seed + kGolden)) {}
  [[nodiscard]] double uniform() {  // in (0, 1]
    return (static_cast<double>(mixed(state_ += kGolden) >> 11) + 1) * 0x1p-53;
  }
  [[nodiscard]] double exponential(double rate) { return -std::log(uniform()) / rate; }

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

// G/G/c, first come first served, in virtual time, by the recursion of Kiefer and Wolfowitz (1955): an arrival is served
// by the server that is free first. next() takes the gap before the arrival and its service time and returns the wait.
class Waiting {
 public:
  explicit Waiting(int c) : work_(static_cast<std::size_t>(c), 0.0) {}
  [[nodiscard]] double next(double gap_s, double service_s) {
    for (double& work : work_) work = std::max(0.0, work - gap_s);
    const double wait = work_.front();
    // Sorted by insertion: c is small.
    std::size_t i = 0;
    const double mine = wait + service_s;
    for (; i + 1 < work_.size() && work_[i + 1] < mine; ++i) work_[i] = work_[i + 1];
    work_[i] = mine;
    return wait;
  }

 private:
  std::vector<double> work_;  // left at each server, ascending
};

}  // namespace crosstalk::reports::theory
