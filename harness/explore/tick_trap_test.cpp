#include "harness/explore/tick_trap.h"

#include <dlfcn.h>
#include <x86intrin.h>

#include <atomic>
#include <ctime>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("the counter of ticks is virtual: what depends on it is deterministic", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    const auto work = [&] {
      const unsigned long long before = __rdtsc();
      unsigned core = 0;
      const unsigned long long after = __rdtscp(&core);
      for (unsigned long long i = (after - before) % 5; i < 5; ++i) word.fetch_add(1);
      require(after - before == 1000, "not virtual");
    };
    std::jthread(work).join();
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("who asks the kernel's vDSO for the time is named", "[explore]") {
  void* const library = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
  using ReadsClock = int (*)(clockid_t, timespec*);
  const auto read =
      library == nullptr ? nullptr : reinterpret_cast<ReadsClock>(dlsym(library, "__vdso_clock_gettime"));
  if (read == nullptr) return;  // the kernel has none
  const Result result = explore({}, [read] {
    timespec now{};
    std::jthread([&] { read(CLOCK_MONOTONIC, &now); });
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::unsupported);
  CHECK(result.reason == "T1 reads the real clock past the C library, in the kernel's vDSO");
}

}  // namespace crosstalk::harness::explore
