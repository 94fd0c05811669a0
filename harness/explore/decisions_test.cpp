#include "harness/explore/decisions.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

std::uint64_t runs_for(int preemptions) {
  Options options;
  options.preemptions = preemptions;
  options.priority_runs = options.random_runs = 0;
  const Result result = explore(options, [] {
    std::atomic<int> word{0};
    std::jthread first([&] { word.load(), word.load(); });
    std::jthread second([&] { word.fetch_add(1); });
  });
  CHECK(result.phases.back().exhausted);
  return result.phases.back().executions;
}

}  // namespace

TEST_CASE("more preemptions are more schedules, and they come to an end", "[explore]") {
  CHECK(runs_for(0) < runs_for(1));
  CHECK(runs_for(1) < runs_for(2));
}

TEST_CASE("what does not do the same under the same schedule is found", "[explore]") {
  const int noise = open("/dev/urandom", O_RDONLY);
  REQUIRE(noise >= 0);
  Options every;  // schedules that the reduction leaves out are none that could differ
  every.reduction = false;
  const Result result = explore(every, [noise] {
    std::atomic<int> word{0};
    const auto work = [&word, noise] {
      unsigned char byte = 0;
      require(read(noise, &byte, sizeof byte) == 1, "nothing to read");
      for (int i = byte % 8; i < 8; ++i) word.fetch_add(1);
    };
    std::jthread first(work);
    std::jthread second(work);
  });
  close(noise);
  CHECK(result.finding == Finding::nondeterministic);
}

TEST_CASE("executions are limited", "[explore]") {
  Options few;
  few.depth_first_runs = 7;
  few.priority_runs = 5;
  few.random_runs = 0;
  const Result result = explore(few, [] {
    std::atomic<int> word{0};
    const auto work = [&] { word.fetch_add(1), word.fetch_add(1), word.fetch_add(1); };
    std::jthread first(work);
    std::jthread second(work);
  });
  REQUIRE(result.phases.size() == 5);
  CHECK(result.phases[2].executions == 7);
  CHECK_FALSE(result.phases[2].exhausted);
  CHECK(result.phases[4].executions == 5);
}

}  // namespace crosstalk::harness::explore
