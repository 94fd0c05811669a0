#include "harness/explore/shadow.h"

#include <atomic>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("neighbouring fields of different threads do not race", "[explore]") {
  const Result result = explore({}, [] {
    struct {
      int left, right;
      char first, second;
    } both{};
    std::jthread one([&] { ++both.left, ++both.first; });
    std::jthread two([&] { ++both.right, ++both.second; });
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a plain access races with an atomic one, and both are named", "[explore]") {
  const Result result = explore({}, [] {
    int word = 0;
    std::jthread one([&] { std::atomic_ref(word).fetch_add(1); });
    std::jthread two([&] { word = 2; });
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::race);
  CHECK(result.reason.find("atomically") != std::string::npos);
  CHECK(result.reason.find("shadow_test.cpp:") != std::string::npos);
}

TEST_CASE("reads beside reads do not race", "[explore]") {
  CHECK(explore({}, [] {
          int word = 1;
          const auto read = [&] { require(word == 1, "changed"); };
          std::jthread one(read);
          std::jthread two(read);
        }).passed());
}

}  // namespace crosstalk::harness::explore
