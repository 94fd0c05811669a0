#include <catch2/catch.hpp>

#include <cstdint>

#include "harness/display.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("times have three digits and a unit", "[harness][display]") {
  CHECK(display_ns(0) == "0 ns");
  CHECK(display_ns(1) == "1 ns");
  CHECK(display_ns(1.5) == "1.50 ns");
  CHECK(display_ns(950) == "950 ns");
  CHECK(display_ns(1'000) == "1.00 us");
  CHECK(display_ns(1'234) == "1.23 us");
  CHECK(display_ns(12'340) == "12.3 us");
  CHECK(display_ns(123'400) == "123 us");
  CHECK(display_ns(45.6e6) == "45.6 ms");
  CHECK(display_ns(7.89e9) == "7.89 s");
  CHECK(display_ns(3.6e12) == "3600 s");
}

TEST_CASE("a number that rounds to a thousand takes the next unit", "[harness][display]") {
  CHECK(display_ns(999) == "999 ns");
  CHECK(display_ns(999.4) == "999 ns");
  CHECK(display_ns(999.6) == "1.00 us");
  CHECK(display_ns(999'400) == "999 us");
  CHECK(display_ns(999'600) == "1.00 ms");
  CHECK(display_ns(9.994e3) == "9.99 us");
  CHECK(display_ns(9.996e3) == "10.0 us");
  CHECK(display_ns(99.96e3) == "100 us");
}

TEST_CASE("rates", "[harness][display]") {
  CHECK(display_rate(950) == "950/s");
  CHECK(display_rate(0.25) == "0.25/s");
  CHECK(display_rate(20'000) == "20.0k/s");
  CHECK(display_rate(1'234'567) == "1.23M/s");
  CHECK(display_rate(5e9) == "5.00G/s");
  CHECK(display_rate(5e12) == "5000G/s");
}

TEST_CASE("counts have their thousands apart", "[harness][display]") {
  CHECK(display_count(0) == "0");
  CHECK(display_count(999) == "999");
  CHECK(display_count(1'000) == "1,000");
  CHECK(display_count(123'456) == "123,456");
  CHECK(display_count(1'234'567) == "1,234,567");
  CHECK(display_count(~std::uint64_t{0}) == "18,446,744,073,709,551,615");
}

TEST_CASE("bytes go by powers of 1024", "[harness][display]") {
  CHECK(display_bytes(512) == "512 B");
  CHECK(display_bytes(1'023) == "1023 B");
  CHECK(display_bytes(1'024) == "1.00 KiB");
  CHECK(display_bytes(12.3 * 1024 * 1024) == "12.3 MiB");
  CHECK(display_bytes(2.0 * 1024 * 1024 * 1024 * 1024) == "2.00 TiB");
}

}  // namespace
}  // namespace crosstalk::harness
