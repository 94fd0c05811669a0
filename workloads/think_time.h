// How long a client waits between the answer to one operation and its next: a law from which any client's
// n-th think time can be drawn at any time, in any order, without state.
#pragma once

#include <cstdint>
#include <string_view>

#include "workloads/input_error.h"

namespace crosstalk::workloads {

enum class ThinkLaw : std::uint8_t { none, constant, exponential, lognormal };

struct ThinkTime {
  ThinkLaw law = ThinkLaw::none;
  double scale_ns = 0;  // constant: the time; exponential: the mean; lognormal: the median
  double sigma = 0;     // lognormal: the standard deviation of the logarithm

  [[nodiscard]] double mean_ns() const noexcept;
  // The n-th think time of a client, n below 2^40 and client below 2^24; >= 0. Equal arguments give equal
  // results everywhere; all others are independent.
  [[nodiscard]] double draw_ns(std::uint64_t seed, std::uint32_t client, std::uint64_t n) const noexcept;

  // What is left of the think time that the client is in at some instant of a long run: a run that begins with these
  // is stationary from its first instant, and clients do not set out together. Keyed as draw_ns().
  [[nodiscard]] double residual_ns(std::uint64_t seed, std::uint32_t client) const noexcept;

  friend bool operator==(const ThinkTime&, const ThinkTime&) = default;
};

// 0                        none
// 2s                       always two seconds (a bare number is seconds)
// exp:100ms                exponential, by its mean
// lognormal:MEDIAN,SIGMA   as lognormal:43s,1.69
// chat                     that of people in chat rooms: same user, same room (STATS.md, 3.2: Gitter,
//                          lognormal 3.76, 1.69 in seconds)
// Each may be followed by /K: the clock runs K times as fast. Throws InputError with bound and value.
[[nodiscard]] ThinkTime parse_think_time(std::string_view text);

}  // namespace crosstalk::workloads
