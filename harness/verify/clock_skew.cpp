#include "harness/verify/clock_skew.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "harness/verify/ticks.h"

namespace crosstalk::harness::verify {

namespace {

constexpr unsigned kBalls = 4'000;

// Throws every second ball, beginning with `first`. Returns by how many ticks a ball arrived before it was thrown, at most.
std::uint64_t play(std::atomic<std::uint64_t>& ball, std::atomic<unsigned>& turn, unsigned first) {
  std::uint64_t early = 0;
  for (unsigned i = first; i < kBalls; i += 2) {
    // acquire: pairs with the release below; the ball's time is seen.
    for (unsigned looks = 0; turn.load(std::memory_order_acquire) != i; ++looks) {
      if (looks > 1000) sched_yield();
    }
    // relaxed (both): ordered by `turn`.
    const std::uint64_t thrown = ball.load(std::memory_order_relaxed);
    const std::uint64_t caught = ticks_after();
    if (thrown > caught) early = std::max(early, thrown - caught);
    ball.store(ticks_before(), std::memory_order_relaxed);
    turn.store(i + 1, std::memory_order_release);
  }
  return early;
}

}  // namespace

std::uint64_t measure_clock_skew() {
  std::atomic<std::uint64_t> ball{0};
  std::atomic<unsigned> turn{0};
  std::uint64_t theirs = 0;
  std::thread other([&] { theirs = play(ball, turn, 1); });
  const std::uint64_t mine = play(ball, turn, 0);
  other.join();
  return std::max(mine, theirs);
}

}  // namespace crosstalk::harness::verify
