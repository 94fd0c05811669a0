#include "workloads/hawkes.h"

#include <algorithm>
#include <cmath>

#include "workloads/portable_math.h"
#include "workloads/random.h"
#include "workloads/weighted.h"

namespace crosstalk::workloads {

namespace {

constexpr std::size_t kSlowValuesMax = std::size_t{1} << 22;

// Where events come from that nobody caused.
class Immigrants {
 public:
  Immigrants(const HawkesLaw& law, double lap, std::uint64_t seed)
      : lap_(lap), random_(seed, Purpose::clusters) {
    if (law.slow_sd <= 0) return;
    const double intervals = std::clamp(std::round(lap / law.slow_interval), 1.0, double{kSlowValuesMax});
    RandomStream slow(seed, Purpose::clusters, 1);
    factors_.reserve(static_cast<std::size_t>(intervals));
    while (static_cast<double>(factors_.size()) < intervals) {
      factors_.add(portable_exp(std::clamp(law.slow_sd * slow.normal(), -300.0, 300.0)));
    }
  }

  // Given their number, the instants of a Poisson process are drawn by themselves, each by the rate.
  double next() noexcept {
    if (factors_.size() == 0) return random_.uniform() * lap_;
    const auto interval = static_cast<double>(factors_.draw(random_));
    return (interval + random_.uniform()) / static_cast<double>(factors_.size()) * lap_;
  }

 private:
  double lap_;
  RandomStream random_;
  Weighted factors_;
};

// A Poisson number by products of uniforms (Knuth); `none` is exp(-mean), the chance of 0.
std::size_t draw_poisson(double none, RandomStream& random) noexcept {
  std::size_t number = 0;
  for (double product = random.positive(); product > none; product *= random.positive()) ++number;
  return number;
}

double wrapped(double time, double lap) noexcept {
  const double inside = time - std::floor(time / lap) * lap;
  return inside >= 0 && inside < lap ? inside : 0;  // rounding may reach the lap's end, which is its begin
}

}  // namespace

std::vector<HawkesEvent> make_hawkes(const HawkesLaw& law, double lap, std::size_t count,
                                     std::uint64_t seed) {
  Immigrants immigrants(law, lap, seed);
  RandomStream random(seed, Purpose::clusters, 2);
  const double childless = portable_exp(-law.branching);
  std::vector<HawkesEvent> events;
  events.reserve(count);
  for (std::uint32_t cluster = 0; events.size() < count; ++cluster) {
    std::size_t cause = events.size();
    events.push_back({wrapped(immigrants.next(), lap), cluster});
    for (; cause < events.size(); ++cause) {
      const std::size_t children = draw_poisson(childless, random);
      for (std::size_t child = 0; child < children && events.size() < count; ++child) {
        events.push_back({wrapped(events[cause].time + law.decay * random.exponential(), lap), cluster});
      }
    }
  }
  std::sort(events.begin(), events.end(), [](const HawkesEvent& a, const HawkesEvent& b) {
    return a.time < b.time || (a.time == b.time && a.cluster < b.cluster);
  });
  return events;
}

double hawkes_fano(const HawkesLaw& law, double window) noexcept {
  const double apart = 1 - law.branching;
  const double x = apart * window / law.decay;
  const double excess = law.branching * (2 - law.branching) / (apart * apart);
  return 1 + excess * (1 + std::expm1(-x) / x);
}

}  // namespace crosstalk::workloads
