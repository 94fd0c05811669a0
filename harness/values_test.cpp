#include <catch2/catch.hpp>

#include <string>

#include "harness/values.h"

namespace crosstalk::harness {
namespace {

using Wholes = std::vector<std::uint64_t>;
using Rates = std::vector<double>;

constexpr WholeBounds kAny{0, ~std::uint64_t{0}};
constexpr WholeBounds kOneToMillion{1, 1'000'000};

TEST_CASE("whole numbers may have a scale and a fraction that it makes whole", "[harness][values]") {
  CHECK(parse_whole("0", kAny) == 0);
  CHECK(parse_whole("5000", kAny) == 5000);
  CHECK(parse_whole("10k", kAny) == 10'000);
  CHECK(parse_whole("10K", kAny) == 10'000);
  CHECK(parse_whole("1.5M", kAny) == 1'500'000);
  CHECK(parse_whole("1.1M", kAny) == 1'100'000);  // 1.1 * 1e6 is not whole in binary
  CHECK(parse_whole("2G", kAny) == 2'000'000'000);
  CHECK(parse_whole("18446744073709551615", kAny) == ~std::uint64_t{0});
  CHECK(parse_whole("007", kAny) == 7);
}

TEST_CASE("a whole number out of bounds names bounds and value", "[harness][values]") {
  for (const std::string text :
       {"0", "1000001", "-5", "+5", "1001k", "18446744073709551616", "99999999999999999999"}) {
    CHECK_THROWS_WITH(parse_whole(text, kOneToMillion),
                      "must be between 1 and 1000000, got " + (text == "1001k" ? "'1001k'" : text));
  }
  for (const char* text :
       {"abc", "1e400", "1e3", "5x", "0x10", " 5", "5 ", "k", "1.5", "1.", ".5k", "--", "1,5", "nan"}) {
    CHECK_THROWS_WITH(parse_whole(text, kOneToMillion),
                      Catch::StartsWith("must be a whole number between 1 and 1000000"));
  }
  CHECK_THROWS_WITH(parse_whole("", kOneToMillion), Catch::EndsWith("got nothing"));
  CHECK_THROWS_AS(parse_whole("18446744073709551616", kAny), ValueError);
  CHECK_THROWS_AS(parse_whole(std::string(100'000, '9'), kAny), ValueError);
}

TEST_CASE("durations have units, fractions and a bare number of seconds", "[harness][values]") {
  constexpr WholeBounds kYear{0, 366ULL * 86'400'000'000'000};
  CHECK(parse_duration_ns("500us", kYear) == 500'000);
  CHECK(parse_duration_ns("30s", kYear) == 30'000'000'000);
  CHECK(parse_duration_ns("30", kYear) == 30'000'000'000);
  CHECK(parse_duration_ns("0.5", kYear) == 500'000'000);
  CHECK(parse_duration_ns("1m30s", kYear) == 90'000'000'000);
  CHECK(parse_duration_ns("1.5m", kYear) == 90'000'000'000);
  CHECK(parse_duration_ns("2h", kYear) == 7'200'000'000'000);
  CHECK(parse_duration_ns("1h0m1s1ms1us1ns", kYear) == 3'601'001'001'001);
  CHECK(parse_duration_ns("0.000000001s", kYear) == 1);
  CHECK(parse_duration_ns("0", kYear) == 0);
}

TEST_CASE("what is no duration is refused with an example, what is too long or short with bounds",
          "[harness][values]") {
  constexpr WholeBounds kBounds{1'000'000, 60'000'000'000};
  for (const char* text :
       {"5x", "", "s", "1m30", "30s1m", "1s1s", "-5s", "1e3s", "0.1ns", "5 s", "1..5s", "nan", "inf"}) {
    CHECK_THROWS_WITH(
        parse_duration_ns(text, kBounds),
        Catch::StartsWith("must be a duration between 1ms and 1m like 500us, 30s or 1m30s, got"));
  }
  for (const char* text : {"0", "0s", "999us", "61", "1m1ns", "99999999999999999999h", "-5"}) {
    CHECK_THROWS_WITH(parse_duration_ns(text, kBounds), Catch::StartsWith("must be between 1ms and 1m, got"));
  }
}

TEST_CASE("rates may have a scale and a unit", "[harness][values]") {
  constexpr RealBounds kBounds{0.001, 1e9};
  CHECK(parse_rate_ops_s("50", kBounds) == 50);
  CHECK(parse_rate_ops_s("50k", kBounds) == 50'000);
  CHECK(parse_rate_ops_s("50k/s", kBounds) == 50'000);
  CHECK(parse_rate_ops_s("1.5M/s", kBounds) == 1'500'000);
  CHECK(parse_rate_ops_s("2.5e3", kBounds) == 2500);
  for (const char* text : {"nan", "inf", "k", "/s", "5k/m", "", "1e400", "0x5", "5,5"}) {
    CHECK_THROWS_WITH(parse_rate_ops_s(text, kBounds),
                      Catch::StartsWith("must be a rate between 0.001 and 1000000000"));
  }
  for (const char* text : {"0", "-1", "2G", "0.0001"}) {
    CHECK_THROWS_WITH(parse_rate_ops_s(text, kBounds),
                      Catch::StartsWith("must be between 0.001 and 1000000000 operations a second, got"));
  }
}

TEST_CASE("numbers are finite and within bounds", "[harness][values]") {
  CHECK(parse_real("0.25", {0, 1}) == 0.25);
  for (const char* text : {"nan", "inf", "-inf", "1e999", "", "1.5x"}) {
    CHECK_THROWS_WITH(parse_real(text, {0, 1}), Catch::StartsWith("must be a number between 0 and 1, got"));
  }
  CHECK_THROWS_WITH(parse_real("2", {0, 1}), "must be between 0 and 1, got 2");
}

TEST_CASE("lists mix values and ranges, and keep their order", "[harness][values]") {
  CHECK(parse_wholes("7", kAny) == Wholes{7});
  CHECK(parse_wholes("1, 2 ,4", kAny) == Wholes{1, 2, 4});
  CHECK(parse_wholes("1:4", kAny) == Wholes{1, 2, 3, 4});
  CHECK(parse_wholes("1:8:3", kAny) == Wholes{1, 4, 7});  // 8 is not reached
  CHECK(parse_wholes("4:4", kAny) == Wholes{4});
  CHECK(parse_wholes("64,1:3,10k:20k:5k", kAny) == Wholes{64, 1, 2, 3, 10'000, 15'000, 20'000});
  CHECK(parse_rates_ops_s("10k:50k:10k", {0, 1e9}) == Rates{10'000, 20'000, 30'000, 40'000, 50'000});
  CHECK(parse_rates_ops_s("0.1:0.7:0.1", {0, 1e9}).size() == 7);  // the last one is not lost to rounding
}

TEST_CASE("ranges that go down, stand still or are no ranges are refused", "[harness][values]") {
  CHECK_THROWS_WITH(parse_wholes("8:1", kAny), "a range must not go down, got '8:1'");
  CHECK_THROWS_WITH(parse_wholes("1:8:0", kAny), "the step of a range must be above 0, got '1:8:0'");
  CHECK_THROWS_WITH(parse_wholes("1:2:3:4", kAny), "a range must read LOW:HIGH:STEP, got '1:2:3:4'");
  CHECK_THROWS_WITH(parse_rates_ops_s("1:2", {0, 1e9}), "a range must read LOW:HIGH:STEP, got '1:2'");
  CHECK_THROWS_WITH(parse_wholes("1:", kOneToMillion), Catch::EndsWith("got nothing"));
  CHECK_THROWS_WITH(parse_wholes(":", kOneToMillion), Catch::EndsWith("got nothing"));
  CHECK_THROWS_WITH(parse_wholes("1,,2", kOneToMillion), Catch::EndsWith("got nothing"));
  CHECK_THROWS_WITH(parse_wholes("1:8,4", kAny), "must not hold a value twice, got 4 again");
  CHECK_THROWS_WITH(parse_wholes("0:5", kOneToMillion), "must be between 1 and 1000000, got 0");
}

TEST_CASE("a list ends at ten thousand values", "[harness][values]") {
  CHECK(parse_wholes("1:10000", kAny).size() == kListLimit);
  CHECK_THROWS_WITH(parse_wholes("1:10001", kAny), "must be at most 10000 values, got more");
  CHECK_THROWS_WITH(parse_wholes("0:18446744073709551615", kAny), "must be at most 10000 values, got more");
  CHECK_THROWS_WITH(parse_rates_ops_s("0.001:1000000000:0.001", {0, 1e9}),
                    "must be at most 10000 values, got more");
  std::string thousands = "a";
  for (int i = 0; i < 10'000; ++i) thousands += ",a";
  CHECK_THROWS_WITH(parse_names(thousands), "must be at most 10000 names, got more");
}

TEST_CASE("a word of a choice is its number, a wrong one gets the choices and the nearest",
          "[harness][values]") {
  constexpr std::array<std::string_view, 3> kWords{"off", "live", "full"};
  CHECK(parse_word("live", kWords) == 1);
  CHECK_THROWS_WITH(parse_word("ful", kWords), "must be off, live or full, got 'ful', did you mean 'full'?");
  CHECK_THROWS_WITH(parse_word("Live", kWords), Catch::StartsWith("must be off, live or full, got 'Live'"));
  CHECK_THROWS_WITH(parse_word("", kWords), Catch::StartsWith("must be off, live or full, got nothing"));
}

TEST_CASE("switches and names", "[harness][values]") {
  CHECK(parse_switch("true"));
  CHECK_FALSE(parse_switch("off"));
  CHECK_THROWS_WITH(parse_switch("maybe"), "must be true or false, got 'maybe'");
  CHECK(parse_names(" coarse/* ,b") == std::vector<std::string>{"coarse/*", "b"});
  CHECK_THROWS_WITH(parse_names("a,,b"), "must be names with commas between them, got 'a,,b'");
}

TEST_CASE("a value in an error is cut, on one line and valid UTF-8", "[harness][values]") {
  CHECK(shown("12") == "12");
  CHECK(shown("-0.5") == "-0.5");
  CHECK(shown("") == "nothing");
  CHECK(shown("a\nb\x1b[31m") == "'a b [31m'");
  CHECK(shown(std::string(1000, 'x')) == "'" + std::string(60, 'x') + "...'");
  CHECK(shown(std::string(59, 'x') + "\u00fc\u00fc") ==
        "'" + std::string(59, 'x') + "...'");  // not half of a letter
  CHECK(shown("\xff") == "'\uFFFD'");
}

TEST_CASE("durations and numbers read back as they were written", "[harness][values]") {
  CHECK(format_duration(0) == "0s");
  CHECK(format_duration(500'000) == "500us");
  CHECK(format_duration(1'500'000) == "1.5ms");
  CHECK(format_duration(11'000'000'000) == "11s");
  CHECK(format_duration(90'000'000'000) == "1m30s");
  CHECK(format_duration(7'200'000'000'000) == "2h");
  for (const std::uint64_t ns : {1ULL, 999ULL, 1'001ULL, 123'456'789ULL, 59'999'999'999ULL, 60'000'000'001ULL,
                                 86'399'123'456'789ULL, 604'800'000'000'000ULL}) {
    CHECK(parse_duration_ns(format_duration(ns), kAny) == ns);
  }
  CHECK(format_real(1e9) == "1000000000");
  CHECK(format_real(0.001) == "0.001");
  CHECK(format_real(1e300) == "1e+300");
}

}  // namespace
}  // namespace crosstalk::harness
