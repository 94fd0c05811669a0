#include "harness/between_options.h"

#include <catch2/catch.hpp>

#include <string>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness {
namespace {

PlanRow row_between(const Arguments& arguments) {
  return parsed(arguments).request.base;
}

TEST_CASE("outside work belongs to a closed loop on the direct path", "[harness][options]") {
  CHECK(row_between({"--outside", "200ns"}).outside_ns == 200);
  CHECK(row_between({"--outside", "1us", "--no-latency"}).outside_ns == 1'000);
  CHECK(row_between({}).outside_ns == 0);
  CHECK(row_between({"--outside", "0", "--rate", "10"}).outside_ns == 0);
  const std::string needs = "--outside: needs --path direct and --load closed, without --think";
  CHECK(refusal({"--outside", "1us", "--rate", "10"}) == needs);
  CHECK(refusal({"--outside", "1us", "--path", "pooled"}) == needs);
  CHECK(refusal({"--outside", "1us", "--think", "1s"}) == needs);
  CHECK(refusal({"--outside", "2ms"}).starts_with("--outside: must be between 0"));
}

TEST_CASE("repeats belong to a closed loop, those of the pool to its path", "[harness][options]") {
  CHECK(row_between({}).repeat == Repeat{});
  CHECK(row_between({"--repeat", "lock=5%"}).repeat == Repeat{RepeatOf::lock, 5});
  CHECK(row_between({"--repeat", "map=0.5", "--no-latency"}).repeat == Repeat{RepeatOf::map, 50});
  CHECK(row_between({"--repeat", "pool=100%", "--path", "pooled"}).repeat == Repeat{RepeatOf::pool, 100});
  CHECK(row_between({"--repeat", "lock=1%", "--path", "pooled"}).repeat == Repeat{RepeatOf::lock, 1});
  CHECK(refusal({"--repeat", "pool=5%"}) == "--repeat: pool needs --path pooled");
  const std::string needs = "--repeat: needs --load closed, without --think";
  CHECK(refusal({"--repeat", "lock=5%", "--rate", "10"}) == needs);
  CHECK(refusal({"--repeat", "lock=5%", "--think", "1s"}) == needs);
  CHECK(refusal({"--repeat", "lock"}) ==
        "--repeat: must be lock=, map= or pool= and a share, such as lock=5%, got 'lock'");
  CHECK(refusal({"--repeat", "lock=101%"}) == "--repeat: must be between 0.1 and 100, got 101");
}

}  // namespace
}  // namespace crosstalk::harness
