#include "harness/explore/child_run.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("a scenario that crashes is a finding, and the test goes on", "[explore]") {
  const Result result = explore({}, [] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
  CHECK(result.finding == Finding::crash);
  CHECK(result.confirmed);
  CHECK(result.reason.find("signal 11") != std::string::npos);
}

TEST_CASE("a loop that the explorer does not see is ended by the parent", "[explore]") {
  Options impatient;
  impatient.patience = std::chrono::seconds(3);
  const Result result = explore(impatient, [] {
    std::atomic<int> word{0};
    std::jthread([&] {
      word = 1;
      for (;;) asm volatile("");
    });
  });
  CHECK(result.finding == Finding::hang);
  CHECK(result.reason.find("T1 has been busy") == 0);
  CHECK(result.reason.find("last seen at child_run_test.cpp:") != std::string::npos);
}

}  // namespace crosstalk::harness::explore
