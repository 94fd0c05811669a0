#include "harness/explore/switching.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

void lock_in_either_order() {
  std::mutex a;
  std::mutex b;
  std::jthread first([&] { const std::scoped_lock both(a), more(b); });
  std::jthread second([&] { const std::scoped_lock both(b), more(a); });
}

void wait_an_hour_for_a_flag() {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::jthread other([&] {
    const std::lock_guard locked(mutex);
    ready = true;
    changed.notify_one();
  });
  std::unique_lock locked(mutex);
  changed.wait_for(locked, std::chrono::hours(1), [&] { return ready; });
}

void throw_in_two_threads() {
  std::atomic<int> caught{0};
  const auto work = [&] {
    try {
      throw std::runtime_error("one");
    } catch (const std::runtime_error&) {
      caught.fetch_add(1);
    }
  };
  std::jthread first(work);
  std::jthread second(work);
}

void race_for_a_plain_int() {
  int count = 0;
  std::jthread first([&] { ++count; });
  std::jthread second([&] { ++count; });
}

void end_in_a_signal() {
  std::jthread([] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
}

}  // namespace

TEST_CASE("either way of switching gives the same schedules, verdicts and replays", "[explore]") {
  for (void (*each)() : {lock_in_either_order, wait_an_hour_for_a_flag, throw_in_two_threads,
                         race_for_a_plain_int, end_in_a_signal}) {
    const Result fibers = explore(with(Switching::fibers), each);
    const Result threads = explore(with(Switching::threads), each);
    INFO(describe(fibers));
    INFO(describe(threads));
    CHECK(fibers.finding == threads.finding);
    CHECK(fibers.reason == threads.reason);
    CHECK(fibers.coverage() == threads.coverage());
    CHECK(fibers.replay == threads.replay);
    CHECK(fibers.table == threads.table);
    CHECK(fibers.confirmed);
    CHECK(threads.confirmed);
    CHECK(fibers.threads == threads.threads);
  }
}

TEST_CASE("a way of switching that is none is refused", "[explore]") {
  CHECK(parse_switching("--switching", "threads") == Switching::threads);
  CHECK_THROWS_WITH(parse_switching("--switching", "both"),
                    "--switching: must be fibers or threads, got 'both'");
}

}  // namespace crosstalk::harness::explore
