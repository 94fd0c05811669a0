#include "harness/gate/waivers.h"

#include <catch2/catch.hpp>

#include "harness/settings.h"

namespace crosstalk::harness::gate {
namespace {

std::string refusal_of_waiver(std::string_view text) {
  try {
    static_cast<void>(parse_waivers("w.ini", text, "2026-11-26"));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("a waiver is found by scenario and metric", "[harness][gate]") {
  const Waivers waivers = parse_waivers(
      "w.ini", "[team throughput]\nallowed = 8%\nreason = kept in order, as asked\nexpires = 2026-11-26\n",
      "2026-11-26");
  const Waiver* waiver = waivers.find("team", "throughput");
  REQUIRE(waiver != nullptr);
  CHECK(waiver->allowed == Approx(0.08));
  CHECK(waiver->reason == "kept in order, as asked");
  CHECK(waiver->place == "w.ini:1");
  CHECK(waivers.find("team", "response_p99") == nullptr);
  CHECK(waivers.find("stream", "throughput") == nullptr);
}

TEST_CASE("a waiver that has expired is an error of its line", "[harness][gate]") {
  CHECK(refusal_of_waiver("[team throughput]\nallowed = 8%\nreason = r\nexpires = 2026-11-25\n") ==
        "w.ini:4: the waiver of [team throughput] expired on 2026-11-25: take it out, or decide anew");
}

TEST_CASE("a waiver needs all of its parts", "[harness][gate]") {
  CHECK(refusal_of_waiver("[team throughput]\nallowed = 8%\nexpires = 2027-01-01\n") ==
        "w.ini:1: [team throughput]: reason must be given");
  CHECK_THAT(refusal_of_waiver("[team]\n"), Catch::StartsWith("w.ini:1: must be [SCENARIO METRIC]"));
  CHECK_THAT(refusal_of_waiver("[team speed]\n"), Catch::StartsWith("w.ini:1: unknown metric 'speed'"));
  CHECK_THAT(refusal_of_waiver("[team throughput]\nallowed = much\n"),
             Catch::StartsWith("w.ini:2: allowed: "));
  for (const char* day : {"soon", "2027-02-29", "2027-1-01", "2027-13-01"}) {
    CHECK_THAT(
        refusal_of_waiver("[team throughput]\nallowed = 8%\nreason = r\nexpires = " + std::string(day)),
        Catch::StartsWith("w.ini:4: expires: must be a day"));
  }
}

TEST_CASE("today is a day", "[harness][gate]") {
  CHECK(today_utc().size() == 10);
  CHECK(today_utc() > "2025-01-01");
}

}  // namespace
}  // namespace crosstalk::harness::gate
