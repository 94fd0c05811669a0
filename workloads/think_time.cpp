#include "workloads/think_time.h"

#include <algorithm>
#include <optional>

#include "workloads/portable_math.h"
#include "workloads/quantity.h"
#include "workloads/random.h"

namespace crosstalk::workloads {

namespace {

constexpr double kThinkMaxNs = 1e16;
constexpr double kThinkSigmaMax = 10;
constexpr double kThinkScaleMin = 0.001;
constexpr double kThinkScaleMax = 1e9;
constexpr double kChatMu = 3.76;  // of the logarithm of seconds
constexpr double kChatSigma = 1.69;

[[noreturn]] void refuse_think_time(const std::string& reason, std::string_view got) {
  throw InputError("think time: " + reason + ", got " + in_quotes(got));
}

double think_duration_ns(std::string_view text, const char* what) {
  const auto ns = parse_duration_ns(text);
  if (ns && *ns <= kThinkMaxNs) return *ns;
  refuse_think_time(std::string(what) + " must be a duration up to 1e16 ns like 500us, 30s or 1m30s", text);
}

// The clock's factor, taken off the end of the text.
double take_factor(std::string_view& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == text.npos) return 1;
  const std::string_view written = text.substr(slash + 1);
  const auto factor = parse_quantity(written);
  if (!factor || *factor < kThinkScaleMin || *factor > kThinkScaleMax) {
    refuse_think_time("the factor after / must be between 0.001 and 1e9", written);
  }
  text = text.substr(0, slash);
  return *factor;
}

ThinkTime parse_lognormal(std::string_view parameters) {
  const std::size_t comma = parameters.find(',');
  if (comma == parameters.npos) {
    refuse_think_time("lognormal: must be followed by MEDIAN,SIGMA like 43s,1.69", parameters);
  }
  const double median_ns = think_duration_ns(parameters.substr(0, comma), "the median of lognormal:");
  const std::string_view written = parameters.substr(comma + 1);
  const auto sigma = parse_quantity(written);
  if (!sigma || *sigma > kThinkSigmaMax) {
    refuse_think_time("the sigma of lognormal: must be between 0 and 10", written);
  }
  return {ThinkLaw::lognormal, median_ns, *sigma};
}

ThinkTime parse_law(std::string_view text) {
  if (text == "chat") return {ThinkLaw::lognormal, portable_exp(kChatMu) * 1e9, kChatSigma};
  if (text.starts_with("exp:")) {
    return {ThinkLaw::exponential, think_duration_ns(text.substr(4), "the mean of exp:"), 0};
  }
  if (text.starts_with("lognormal:")) return parse_lognormal(text.substr(10));
  const auto ns = parse_duration_ns(text);
  if (!ns || *ns > kThinkMaxNs) {
    refuse_think_time("must be a duration up to 1e16 ns, exp:MEAN, lognormal:MEDIAN,SIGMA or chat", text);
  }
  return {ThinkLaw::constant, *ns, 0};
}

}  // namespace

double ThinkTime::mean_ns() const noexcept {
  return law == ThinkLaw::lognormal ? scale_ns * portable_exp(sigma * sigma / 2) : scale_ns;
}

double ThinkTime::draw_ns(std::uint64_t seed, std::uint32_t client, std::uint64_t n) const noexcept {
  if (law == ThinkLaw::none || law == ThinkLaw::constant) return scale_ns;
  // A stream for each think time: no state, and no order in which they must be drawn.
  RandomStream random(seed, Purpose::think, std::uint64_t{client} << 40 | n);
  if (law == ThinkLaw::exponential) return scale_ns * random.exponential();
  return scale_ns * portable_exp(sigma * random.normal());
}

ThinkTime parse_think_time(std::string_view text) {
  const double factor = take_factor(text);
  ThinkTime think = parse_law(text);
  think.scale_ns /= factor;
  return think.scale_ns > 0 ? think : ThinkTime{};
}

// Of a renewal process the interval at hand is drawn in proportion to its length, and how much of it is over is uniform.
// In proportion to its length: an exponential one leaves an exponential rest, a lognormal one is lognormal again with
// mu + sigma^2.
double ThinkTime::residual_ns(std::uint64_t seed, std::uint32_t client) const noexcept {
  constexpr std::uint64_t kFirst = (std::uint64_t{1} << 40) - 1;  // no number of a think time
  if (law == ThinkLaw::none) return 0;
  if (law == ThinkLaw::exponential) return draw_ns(seed, client, kFirst);
  ThinkTime biased = *this;
  if (law == ThinkLaw::lognormal) biased.scale_ns *= portable_exp(std::min(sigma * sigma, 690.0));
  RandomStream random(seed, Purpose::think, std::uint64_t{client} << 40 | (kFirst - 1));
  return random.uniform() * biased.draw_ns(seed, client, kFirst);
}

}  // namespace crosstalk::workloads
