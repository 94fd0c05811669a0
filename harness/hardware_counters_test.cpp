#include "harness/hardware_counters.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <thread>
#include <type_traits>

namespace crosstalk::harness {
namespace {

// A trial hands them to its parent through memory that both share.
static_assert(std::is_trivially_copyable_v<HardwareCounts>);

TEST_CASE("counts are scaled by the time in which they were counted", "[harness][hardware_counters]") {
  HardwareReading begin;
  HardwareReading end;
  begin[0] = {.value = 1'000, .enabled_ns = 100, .running_ns = 100};
  end[0] = {.value = 5'000, .enabled_ns = 300, .running_ns = 300};
  begin[1] = {.value = 1'000, .enabled_ns = 100, .running_ns = 100};
  end[1] = {.value = 2'000, .enabled_ns = 500, .running_ns = 200};  // a quarter of the time
  begin[2] = {.value = 7, .enabled_ns = 100, .running_ns = 50};
  end[2] = {.value = 7, .enabled_ns = 900, .running_ns = 50};  // never
  end[3] = {.value = 7, .enabled_ns = 900, .running_ns = 50};  // not read at the begin
  const HardwareCounts counts = counts_between(begin, end);
  CHECK(counts.instructions == 4'000);
  CHECK(counts.cycles == 4'000);
  CHECK_FALSE(counts.cache_misses);
  CHECK_FALSE(counts.branch_misses);
}

TEST_CASE("large counts keep their digits", "[harness][hardware_counters]") {
  HardwareReading begin;
  HardwareReading end;
  begin[3] = CounterReading{};
  end[3] = {.value = 5'000'000'000'000'000, .enabled_ns = 3'000'000'000, .running_ns = 1'000'000'000};
  CHECK(counts_between(begin, end).branch_misses == 15'000'000'000'000'000);
}

TEST_CASE("why there are no counters is said in one line", "[harness][hardware_counters]") {
  using Catch::Contains;
  CHECK_THAT(counter_failure(EACCES, 3, true), Contains("kernel.perf_event_paranoid is 3") && Contains("=1"));
  CHECK_THAT(counter_failure(EPERM, std::nullopt, true), Contains("unknown") && Contains("container"));
  CHECK_THAT(counter_failure(ENOENT, 1, false), Contains("no PMU") && Contains("virtual machine"));
  CHECK_THAT(counter_failure(ENOENT, 1, true), Contains("this processor does not count it"));
  CHECK_THAT(counter_failure(ENOSYS, 1, true), Contains("no perf_event_open"));
  CHECK_THAT(counter_failure(EMFILE, 1, true), Contains("Too many open files"));
}

std::uint64_t work(std::uint64_t steps) {
  std::uint64_t x = steps | 1;
  for (std::uint64_t i = 0; i < steps; ++i) {
    x ^= x << 7;
    x ^= x >> 9;
    asm volatile("" : "+r"(x));  // each step is carried out
  }
  return x;
}

TEST_CASE("counters count the work of threads, or say why they do not", "[harness][hardware_counters]") {
  const HardwareCounters counters;
  const HardwareReading begin = counters.read();
  constexpr std::uint64_t kSteps = 20'000'000;
  std::thread([] { CHECK(work(kSteps) != 0); }).join();
  const HardwareCounts counts = counts_between(begin, counters.read());
  CHECK(counters.why_not().find('\n') == std::string::npos);
  if (counters.why_not().empty()) {
    CHECK(counts.instructions.value() > 4 * kSteps);
    CHECK(counts.cycles.value() > 0);
    CHECK(counts.cache_misses.has_value());
    CHECK(counts.branch_misses.has_value());
  } else {
    CHECK_FALSE((counts.instructions && counts.cycles && counts.cache_misses && counts.branch_misses));
  }
}

}  // namespace
}  // namespace crosstalk::harness
