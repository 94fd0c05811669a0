// log, exp and pow from IEEE + - * / alone. The C library's differ in the last digit between machines with
// and without fused multiply-add, and then traces would too. Relative error below 1e-13 (pow: 1e-12).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace crosstalk::workloads {

// x > 0, finite, not subnormal.
[[nodiscard]] inline double portable_log(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000F'FFFF'FFFF'FFFFULL) | 0x3FF0'0000'0000'0000ULL);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    ++exponent;
  }
  // ln m = 2 artanh(z), z = (m - 1) / (m + 1), |z| <= 0.172: eleven terms reach 1e-17.
  const double z = (mantissa - 1) / (mantissa + 1);
  const double square = z * z;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * z * sum + exponent * 0.6931471805599453;
}

// |x| <= 700.
[[nodiscard]] inline double portable_exp(double x) noexcept {
  const double turns = std::floor(x * 1.4426950408889634 + 0.5);
  const double rest = x - turns * 0.6931471805599453;
  double sum = 1;
  for (int k = 16; k >= 1; --k) sum = 1 + sum * rest / k;
  const auto scale = static_cast<std::uint64_t>(static_cast<std::int64_t>(turns) + 1023) << 52;
  return sum * std::bit_cast<double>(scale);
}

// base > 0.
[[nodiscard]] inline double portable_pow(double base, double exponent) noexcept {
  return portable_exp(exponent * portable_log(base));
}

}  // namespace crosstalk::workloads
