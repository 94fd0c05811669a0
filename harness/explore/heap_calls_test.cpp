#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

enum class Notifies { outside, inside };

// Who waits may destroy the event while the other still notifies.
template <Notifies when>
struct DestroyedEvent {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;

  void set() {
    std::unique_lock locked(mutex);
    done = true;
    if constexpr (when == Notifies::outside) locked.unlock();
    changed.notify_one();
  }
  void wait() {
    std::unique_lock locked(mutex);
    changed.wait(locked, [&] { return done; });
  }
};

template <Notifies when>
void wait_and_destroy() {
  auto* const event = new DestroyedEvent<when>;
  std::jthread other([event] { event->set(); });
  event->wait();
  delete event;
}

}  // namespace

TEST_CASE("a notification of a destroyed condition variable is a use after free", "[explore]") {
  const Result result = explore({}, wait_and_destroy<Notifies::outside>);
  INFO(describe(result));
  CHECK(result.finding == Finding::use_after_free);
  CHECK(explore({}, wait_and_destroy<Notifies::inside>).passed());
}

TEST_CASE("freed twice is found", "[explore]") {
  const Result result = explore({}, [] {
    void* volatile memory = std::malloc(8);
    void* const again = memory;
    std::free(again);
    std::free(memory);
  });
  CHECK(result.finding == Finding::use_after_free);
  CHECK(result.reason.find("freed before") != std::string::npos);
}

TEST_CASE("a shared pointer's count frees once, after all uses", "[explore]") {
  const Result result = explore({}, [] {
    auto shared = std::make_shared<int>(3);
    std::jthread first([shared] { require(*shared == 3, "gone"); });
    std::jthread second([shared = std::move(shared)] { require(*shared == 3, "gone"); });
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("copying functions race like other accesses", "[explore]") {
  const Result result = explore({}, [] {
    char target[64] = {};
    char source[64] = {};
    volatile std::size_t bytes = sizeof target;
    std::jthread first([&] { std::memcpy(target, source, bytes); });
    std::jthread second([&] { std::memset(target, 1, bytes); });
  });
  CHECK(result.finding == Finding::race);
}

TEST_CASE("strings of two threads race, though the library's code is not explored", "[explore]") {
  const Result result = explore({}, [] {
    std::string text;
    std::jthread first([&] { text.append("abc"); });
    std::jthread second([&] { text.append("def"); });
  });
  CHECK(result.finding == Finding::race);
}

TEST_CASE("memory without bound is a finding", "[explore]") {
  const Result result = explore({}, [] {
    void* volatile last = nullptr;
    for (;;) {
      last = std::malloc(1 << 20);
      require(last != nullptr, "no memory");
    }
  });
  CHECK(result.finding == Finding::limit);
  CHECK(result.reason == "one execution takes more than 256 MiB of memory");
}

TEST_CASE("memory without bound is a finding when a library takes it, too", "[explore]") {
  const Result result = explore({}, [] {
    std::string text(100'000, 'x');
    for (;;) require(strdup(text.c_str()) != nullptr, "no memory");
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::limit);
  CHECK(result.reason == "one execution takes more than 256 MiB of memory through libraries");
}

TEST_CASE("realloc keeps what was there, calloc clears", "[explore]") {
  const Result result = explore({}, [] {
    auto* bytes = static_cast<char*>(std::calloc(4, 4));
    require(bytes[15] == 0, "not cleared");
    bytes[0] = 'x';
    bytes = static_cast<char*>(std::realloc(bytes, 100));
    require(bytes[0] == 'x', "lost");
    std::free(bytes);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

}  // namespace crosstalk::harness::explore
