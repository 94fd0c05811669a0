#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <thread>

#include "harness/pacer.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kHour = 3'600'000 * kMillisecond;

TEST_CASE("a pacer never returns before its instant", "[harness][pacer]") {
  const Clock clock = Clock::steady();
  for (const bool spin : {false, true}) {
    const Pacer pacer(clock, spin, nullptr);
    for (const std::uint64_t ahead :
         {kMillisecond / 100, kMillisecond / 10, kMillisecond, 3 * kMillisecond}) {
      const std::uint64_t instant = clock.now() + ahead;
      const std::uint64_t now = pacer.wait_until(instant);
      CHECK(now >= instant);
      CHECK(now <= clock.now());
    }
  }
}

TEST_CASE("a pacer does not wait for what has passed", "[harness][pacer]") {
  const Clock clock = Clock::steady();
  const std::atomic<bool> stop{true};
  const Pacer pacer(clock, false, &stop);
  const std::uint64_t before = clock.now();
  CHECK(pacer.wait_until(0) >= before);
  CHECK(pacer.wait_until(before) >= before);
}

TEST_CASE("a stop ends the wait early, set before or meanwhile", "[harness][pacer]") {
  const Clock clock = Clock::steady();
  for (const bool spin : {false, true}) {
    std::atomic<bool> stop{true};
    const Pacer pacer(clock, spin, &stop);
    const std::uint64_t instant = clock.now() + kHour;
    CHECK(pacer.stopped());
    CHECK(pacer.wait_until(instant) < instant);
    stop = false;
    CHECK_FALSE(pacer.stopped());
    std::atomic<bool> waiting{false};
    std::uint64_t returned = instant;
    std::thread waiter([&] {
      waiting = true;
      waiting.notify_one();
      returned = pacer.wait_until(instant);
    });
    waiting.wait(false);
    stop = true;
    waiter.join();
    CHECK(returned < instant);
  }
}

TEST_CASE("a pacer without a stop flag is never stopped", "[harness][pacer]") {
  CHECK_FALSE(Pacer(Clock::steady(), true, nullptr).stopped());
}

TEST_CASE("who approaches and arrives is never early", "[harness][pacer]") {
  const Clock clock = Clock::steady();
  for (const bool spin : {false, true}) {
    const Pacer pacer(clock, spin, nullptr);
    for (const std::uint64_t ahead : {std::uint64_t{0}, kMillisecond / 10, 3 * kMillisecond}) {
      const std::uint64_t instant = clock.now() + ahead;
      const std::uint64_t near = pacer.approach(instant);
      CHECK(near + (spin ? kMillisecond : 0) >= instant);
      const std::uint64_t now = pacer.arrive(instant);
      CHECK(now >= instant);
      CHECK(now <= clock.now());
    }
  }
}

TEST_CASE("a stop ends the approach", "[harness][pacer]") {
  const Clock clock = Clock::steady();
  const std::atomic<bool> stop{true};
  const std::uint64_t instant = clock.now() + kHour;
  CHECK(Pacer(clock, true, &stop).approach(instant) < instant);
}

TEST_CASE("in virtual time nothing passes before the arrival", "[harness][pacer]") {
  VirtualTime time;
  const Pacer pacer(Clock::driven_by(time), true, nullptr);
  const std::uint64_t begin = time.now();
  CHECK(pacer.approach(begin + kHour) == begin);
  CHECK(pacer.arrive(begin + kHour) == begin + kHour);
  CHECK(pacer.arrive(begin) == begin + kHour);
}

TEST_CASE("in virtual time a wait ends at its instant", "[harness][pacer]") {
  VirtualTime time;
  const Pacer pacer(Clock::driven_by(time), true, nullptr);
  const std::uint64_t begin = time.now();
  CHECK(pacer.wait_until(begin + kHour) == begin + kHour);
  CHECK(pacer.wait_until(begin) == begin + kHour);
}

}  // namespace
}  // namespace crosstalk::harness
