#include "harness/display.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace crosstalk::harness {

namespace {

// Three significant digits.
std::string three_digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

template <std::size_t n>
std::string scaled(double value, double step, const std::array<std::string_view, n>& units) {
  std::size_t unit = 0;
  // 999.6 would be printed as 1000: the next unit says it better.
  while (unit + 1 < n && std::abs(value) >= step * 0.9995) {
    value /= step;
    ++unit;
  }
  const bool whole = unit == 0 && value == std::floor(value);
  return (whole ? std::to_string(static_cast<long long>(value)) : three_digits(value)) +
         std::string(units[unit]);
}

}  // namespace

std::string display_ns(double ns) {
  return scaled(ns, 1000, std::array<std::string_view, 4>{" ns", " us", " ms", " s"});
}

std::string display_rate(double ops_s) {
  return scaled(ops_s, 1000, std::array<std::string_view, 4>{"/s", "k/s", "M/s", "G/s"});
}

std::string display_count(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, 1, ',');
  return digits;
}

std::string display_bytes(double bytes) {
  return scaled(bytes, 1024, std::array<std::string_view, 5>{" B", " KiB", " MiB", " GiB", " TiB"});
}

}  // namespace crosstalk::harness
