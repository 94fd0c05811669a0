#include "harness/explore/os_threads.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/raw_call.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kAllOfThem = kMaxThreads + 1;  // and the one that drives

thread_local int local_of_os_thread = 3;

// Of the process, as the kernel counts. The explorer refuses what the C library would do for this.
int kernel_threads() {
  char text[4096] = {};
  const long file = raw_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/status"), O_RDONLY);
  raw_call(SYS_read, file, reinterpret_cast<long>(text), sizeof text - 1);
  raw_call(SYS_close, file);
  const char* const line = std::strstr(text, "Threads:");
  return line == nullptr ? 0 : std::atoi(line + std::strlen("Threads:"));
}

template <int kWanted>
void require_kernel_threads() {
  require(kernel_threads() == kWanted, "another number of threads");
}

}  // namespace

TEST_CASE("the threads of a scenario are the kernel's, or are all one thread of it", "[explore]") {
  CHECK(explore(with(Switching::threads), require_kernel_threads<kAllOfThem>).passed());
  CHECK(explore(with(Switching::fibers), require_kernel_threads<1>).passed());
}

TEST_CASE("threads of the kernel have identities and variables of their own, fresh in every execution",
          "[explore]") {
  const Result result = explore(with(Switching::threads), [] {
    std::atomic<int> own{0};
    const auto work = [&own] {
      require(local_of_os_thread == 3, "left over");
      own.fetch_add(1);
      local_of_os_thread += own.load();
      require(local_of_os_thread > 3, "another's");
    };
    std::jthread first(work);
    std::jthread second(work);
    require(first.get_id() != second.get_id(), "shared identity");
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.executions() > 1000);
}

TEST_CASE("what is found on threads of the kernel is replayed on them", "[explore]") {
  const auto scenario = [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
    word = 1;
  };
  const Result found = explore(with(Switching::threads), scenario);
  INFO(describe(found));
  CHECK(found.finding == Finding::lost_wake_up);
  CHECK(found.confirmed);
  CHECK(replay(found.replay, with(Switching::threads), scenario).reason == found.reason);
  CHECK(replay(found.replay, with(Switching::fibers), scenario).reason == found.reason);
}

}  // namespace crosstalk::harness::explore
