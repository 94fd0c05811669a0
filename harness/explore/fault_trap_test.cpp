#include "harness/explore/fault_trap.h"

#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

int sink_of_recursion = 0;

// Reads its variable after the call, so that this is no jump.
void recurse(int depth) {
  volatile char page[1000];
  page[0] = static_cast<char>(depth);
  if (depth < 0) return;
  recurse(depth + 1);
  sink_of_recursion += page[0];
}

void divide_by_zero() {
  volatile int zero = 0;
  volatile int one = 1;
  one = one / zero;
}

}  // namespace

TEST_CASE("a crash is a finding that names its thread, signal and line", "[explore]") {
  const Result result = explore({}, [] { std::jthread([] { divide_by_zero(); }); });
  INFO(describe(result));
  CHECK(result.finding == Finding::crash);
  CHECK(result.confirmed);
  CHECK(result.reason.find("T1 was ended by signal 8 (Floating point exception) at fault_trap_test.cpp:") ==
        0);
}

TEST_CASE("a stack that is used up is a finding, however the threads are switched", "[explore]") {
  for (const Switching each : {Switching::fibers, Switching::threads}) {
    const Result result = explore(with(each), [] { std::jthread([] { recurse(0); }); });
    INFO(describe(result));
    CHECK(result.finding == Finding::limit);
    CHECK(result.reason.find("T1 has used up its stack of 256 KiB") == 0);
  }
}

}  // namespace crosstalk::harness::explore
