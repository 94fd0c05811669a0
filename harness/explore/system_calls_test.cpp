#include <sys/mman.h>
#include <sys/random.h>
#include <sys/times.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <ctime>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("atomic waits end by a notification", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
    word = 1;
    word.notify_one();
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a store without a notification loses the wake-up", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
    word = 1;
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::lost_wake_up);
}

TEST_CASE("random devices give the same in every execution, and exceptions do not differ from the second on",
          "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    const auto work = [&] {
      std::random_device device;
      if (device() == device()) require(false, "twice the same number");
      for (unsigned i = device() % 3; i < 3; ++i) word.fetch_add(1);
      try {
        throw word.load();
      } catch (int) {
      }
    };
    std::jthread first(work);
    std::jthread second(work);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("time is virtual: an hour passes at once, and the clock says so", "[explore]") {
  const Result result = explore({}, [] {
    const auto before = std::chrono::steady_clock::now();
    const timespec hour{3600, 0};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, nullptr);
    require(std::chrono::steady_clock::now() - before >= std::chrono::hours(1), "too early");
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.seconds < 600);
}

TEST_CASE("who spins until a clock says so is no livelock, who spins for ever is", "[explore]") {
  const auto spin_for = [](std::chrono::hours end) {
    return explore({}, [end] {
      std::atomic<bool> stop{false};
      const auto before = std::chrono::steady_clock::now();
      while (!stop.load() && std::chrono::steady_clock::now() - before < end) std::this_thread::yield();
    });
  };
  const Result hour = spin_for(std::chrono::hours(1));
  INFO(describe(hour));
  CHECK(hour.passed());
  CHECK(spin_for(std::chrono::hours(1'000'000)).finding == Finding::livelock);
}

TEST_CASE("who sleeps again and again for ever is stopped", "[explore]") {
  const Result result = explore({}, [] {
    const timespec moment{0, 1000};
    for (;;) clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
  });
  CHECK(result.finding == Finding::limit);
  CHECK(result.reason.find("200000 steps") != std::string::npos);
}

TEST_CASE("every clock of the C library is virtual", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread other([&] { word.fetch_add(1); });
    timespec before{};
    timespec after{};
    timespec_get(&before, TIME_UTC);
    timespec_get(&after, TIME_UTC);
    require(before.tv_sec == 1000 && after.tv_nsec - before.tv_nsec == 1000, "not virtual");
    const clock_t first = std::clock();
    require(std::clock() - first == 1, "not virtual");
    require(times(nullptr) == 100'000, "not virtual");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("memory that is mapped where other memory was is nobody's", "[explore]") {
  const auto scenario = [](std::size_t bytes) {
    return explore({}, [bytes] {
      std::atomic<int> turn{0};
      const auto use = [&](int mine) {
        // relaxed: the turn shall order nothing.
        while (turn.load(std::memory_order_relaxed) != mine) {
        }
        void* const at = reinterpret_cast<void*>(std::uintptr_t{1} << 40);
        void* const memory = mmap(at, bytes, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
        require(memory == at, "not mapped");
        *static_cast<int*>(memory) = mine;
        munmap(memory, bytes);
        turn.store(mine + 1, std::memory_order_relaxed);
      };
      std::jthread second(use, 1);
      use(0);
    });
  };
  for (const std::size_t bytes : {std::size_t{1} << 12, std::size_t{1} << 24}) {
    const Result result = scenario(bytes);
    INFO(describe(result));
    CHECK(result.passed());
  }
}

TEST_CASE("random bytes are the same in every execution", "[explore]") {
  const Result result = explore({}, [] {
    unsigned char bytes[2] = {};
    std::atomic<int> word{0};
    std::jthread other([&] { word.fetch_add(1); });
    require(getrandom(bytes, sizeof bytes, 0) == 2, "too few");
    for (int i = bytes[0] % 5; i < 5; ++i) word.fetch_add(1);
    require(getentropy(bytes, sizeof bytes) == 0, "refused");
    for (int i = bytes[0] % 5; i < 5; ++i) word.fetch_add(1);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a failed assert() is a finding with its place", "[explore]") {
  const Result result = explore({}, [] {
    const volatile int two = 2;
    assert(two == 3);
  });
  CHECK(result.finding == Finding::assertion);
  CHECK(result.reason.find("two == 3") != std::string::npos);
  CHECK(result.reason.find("system_calls_test.cpp") != std::string::npos);
}

TEST_CASE("a system call that cannot be explored is refused by number", "[explore]") {
  const Result result = explore({}, [] { syscall(9999, 0, 0, 0, 0, 0, 0); });
  CHECK(result.finding == Finding::unsupported);
  CHECK(result.reason.find("T0 makes system call 9999 at system_calls_test.cpp:") == 0);
}

}  // namespace crosstalk::harness::explore
