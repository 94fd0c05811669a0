#include "harness/verify/clock_jump.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>

#include "harness/verify/lock_cases.h"
#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

TEST_CASE("a wall clock that jumps is ahead, right and behind, and the steady one steady",
          "[harness][verify]") {
  const CaseEnd end = run_case({"jumps",
                                [](CaseRun& run) {
                                  if (!let_wall_clock_jump()) return;
                                  const auto begin = std::chrono::system_clock::now();
                                  const auto steady = std::chrono::steady_clock::now();
                                  std::set<long> hours;
                                  for (int i = 0; i < 100; ++i) {
                                    const auto now = std::chrono::system_clock::now() - begin;
                                    hours.insert(std::chrono::round<std::chrono::hours>(now).count());
                                    if (std::chrono::steady_clock::now() < steady)
                                      run.fail("steady", "went back");
                                  }
                                  if (hours.size() < 3) run.fail("jumps", "the clock does not jump");
                                }},
                               {.seconds = 1});
  INFO(end.detail);
  CHECK(end.verdict == Verdict::pass);
}

TEST_CASE("a lock with deadlines by the steady clock does not mind", "[harness][verify][stress]") {
  const CaseEnd end = run_case(
      {"wall clock", [](CaseRun& run) { drill_lock_by_wall_clock(run, any_lock<std::timed_mutex>()); }},
      {.seconds = 0.1});
  INFO(end.detail);
  CHECK(end.verdict != Verdict::fail);
}

}  // namespace crosstalk::harness::verify
