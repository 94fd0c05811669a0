#include <atomic>
#include <exception>
#include <future>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

// Its end is seen: it frees memory.
struct HandedOver {
  std::vector<int> values{3};
};

}  // namespace

TEST_CASE("an exception handed over by a promise is no race, whoever gives it up last", "[explore]") {
  const Result result = explore({}, [] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::jthread other([promise = std::move(promise)]() mutable {
      promise.set_exception(std::make_exception_ptr(HandedOver{}));
    });
    try {
      static_cast<void>(future.get());
      require(false, "no exception");
    } catch (const HandedOver& handed) {
      require(handed.values[0] == 3, "destroyed");
    }
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("an exception that two threads look at is destroyed by the last, which is no race", "[explore]") {
  const Result result = explore({}, [] {
    std::exception_ptr pointer = std::make_exception_ptr(HandedOver{});
    const auto look = [](std::exception_ptr mine) {
      try {
        std::rethrow_exception(std::move(mine));
      } catch (const HandedOver& handed) {
        require(handed.values[0] == 3, "destroyed");
      }
    };
    std::jthread first(look, pointer);
    std::jthread second(look, std::move(pointer));
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("an exception that one thread changes while another looks at it is a race", "[explore]") {
  const Result result = explore({}, [] {
    const std::exception_ptr pointer = std::make_exception_ptr(HandedOver{});
    const auto change = [&pointer] {
      try {
        std::rethrow_exception(pointer);
      } catch (HandedOver& handed) {
        ++handed.values[0];
      }
    };
    std::jthread first(change);
    std::jthread second(change);
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::race);
}

}  // namespace crosstalk::harness::explore
