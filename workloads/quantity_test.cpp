#include "workloads/quantity.h"

#include <catch2/catch.hpp>

namespace crosstalk::workloads {
namespace {

TEST_CASE("durations are read as they are written", "[workloads][quantity]") {
  CHECK(parse_duration_ns("0") == 0.0);
  CHECK(parse_duration_ns("2") == 2e9);
  CHECK(parse_duration_ns("0.5") == 5e8);
  CHECK(parse_duration_ns("7ns") == 7.0);
  CHECK(parse_duration_ns("500us") == 5e5);
  CHECK(parse_duration_ns("1.5ms") == 1.5e6);
  CHECK(parse_duration_ns("30s") == 30e9);
  CHECK(parse_duration_ns("1m30s") == 90e9);
  CHECK(parse_duration_ns("1h2m3s4ms") == 3'723'004'000'000.0);
  for (const char* text : {"", "s", "-1s", "+1s", "1x", "1s2", "1s1s", "1s1m", "1m30", " 1s", "1s ", "1e999",
                           "nan", "inf", "1 s", "1sm"}) {
    INFO(text);
    CHECK_FALSE(parse_duration_ns(text));
  }
}

TEST_CASE("quantities are read as they are written", "[workloads][quantity]") {
  CHECK(parse_quantity("0") == 0.0);
  CHECK(parse_quantity("12.5") == 12.5);
  CHECK(parse_quantity("20k") == 20e3);
  CHECK(parse_quantity("1.5M") == 1.5e6);
  CHECK(parse_quantity("1G") == 1e9);
  CHECK(parse_quantity("1e6") == 1e6);
  for (const char* text : {"", "k", "-1", "1K", "1kk", "1 k", "0x10", "nan", "1k/s"}) {
    INFO(text);
    CHECK_FALSE(parse_quantity(text));
  }
}

TEST_CASE("what an error shows is short and stays on its line", "[workloads][quantity]") {
  CHECK(in_quotes("") == "nothing");
  CHECK(in_quotes("a\nb") == "'a?b'");
  CHECK(in_quotes(std::string(100, 'x')) == "'" + std::string(60, 'x') + "...'");
}

}  // namespace
}  // namespace crosstalk::workloads
