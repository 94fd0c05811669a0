// What people write for a value: numbers, durations, rates, switches, lists and ranges of them.
//
// Parsers know nothing of flags: what they throw says what the value must be and what it is, and whoever
// knows where the text came from puts that before it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness {

// "must be between 1 and 1024, got 0"
class ValueError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Values that a list or a range may have: more is a slip, not a plan.
inline constexpr std::size_t kListLimit = 10'000;

struct WholeBounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct RealBounds {
  double low = 0;
  double high = 0;
};

// All parsers throw ValueError.

// 5000, 10k, 1.5M
[[nodiscard]] std::uint64_t parse_whole(std::string_view text, WholeBounds bounds);
// 0.5, 1e3; not nan, not inf
[[nodiscard]] double parse_real(std::string_view text, RealBounds bounds);
// 500us, 30s, 1m30s; a bare number is seconds. Bounds and result in nanoseconds.
[[nodiscard]] std::uint64_t parse_duration_ns(std::string_view text, WholeBounds bounds);
// 50k, 50k/s, 1.5M
[[nodiscard]] double parse_rate_ops_s(std::string_view text, RealBounds bounds);
// true, yes, on, 1 and their opposites
[[nodiscard]] bool parse_switch(std::string_view text);
// A word of the list; its index.
[[nodiscard]] std::size_t parse_word(std::string_view text, std::span<const std::string_view> words);

// a,b LOW:HIGH LOW:HIGH:STEP and mixtures. No value twice, at most kListLimit of them.
[[nodiscard]] std::vector<std::uint64_t> parse_wholes(std::string_view text, WholeBounds bounds);
// The same; a range of rates needs its step.
[[nodiscard]] std::vector<double> parse_rates_ops_s(std::string_view text, RealBounds bounds);
// a,b with blanks around them taken off; none empty.
[[nodiscard]] std::vector<std::string> parse_names(std::string_view text);

// A choice whose values are numbered from 0 in the order of their words.
template <class Choice, std::size_t n>
[[nodiscard]] Choice parse_choice(std::string_view text, const std::array<std::string_view, n>& words) {
  return static_cast<Choice>(parse_word(text, words));
}

// The text as it stands in an error: cut, on one line, in quotes unless it is a plain number.
[[nodiscard]] std::string shown(std::string_view text);

// As parse_duration_ns reads it: 11s, 1m30s, 1.5ms.
[[nodiscard]] std::string format_duration(std::uint64_t ns);
// The shortest text that reads back as the same number, without an exponent where that is readable.
[[nodiscard]] std::string format_real(double value);

}  // namespace crosstalk::harness
