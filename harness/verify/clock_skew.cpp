#include "harness/verify/clock_skew.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "harness/verify/ticks.h"

namespace crosstalk::harness::verify {

namespace {

using SkewClock = std::chrono::steady_clock;
constexpr unsigned kBalls = 4'000;         // of a game
constexpr unsigned kGameOver = ~0U;        // in place of a turn
constexpr std::size_t kPartnersMost = 16;  // processors that are tried one by one
constexpr std::chrono::nanoseconds kAllGames = std::chrono::milliseconds(16);

struct BallGame {
  std::atomic<std::uint64_t> ball{0};
  std::atomic<unsigned> turn{0};
};

// False: the game is over.
bool await_turn(const BallGame& game, unsigned mine) {
  for (unsigned looks = 0;; ++looks) {
    // acquire: pairs with the release in play(); the ball's time is seen.
    const unsigned turn = game.turn.load(std::memory_order_acquire);
    if (turn == mine || turn == kGameOver) return turn == mine;
    if (looks > 1000) sched_yield();
  }
}

// Throws every second ball, beginning with `first`, and ends the game after `time`, if one is given. Returns by how many ticks a ball arrived
// before it was thrown, at most.
std::uint64_t play(BallGame& game, unsigned first, std::optional<std::chrono::nanoseconds> time) {
  constexpr unsigned kBallsALook = 32;
  const auto end = SkewClock::now() + time.value_or(std::chrono::nanoseconds(0));
  std::uint64_t early = 0;
  for (unsigned i = first; i < kBalls && await_turn(game, i); i += 2) {
    // relaxed (both): ordered by `turn`.
    const std::uint64_t thrown = game.ball.load(std::memory_order_relaxed);
    const std::uint64_t caught = ticks_after();
    if (thrown > caught) early = std::max(early, thrown - caught);
    // Before the throw: it would lengthen the flight.
    const bool over = time && i / 2 % kBallsALook == kBallsALook - 1 && SkewClock::now() >= end;
    game.ball.store(ticks_before(), std::memory_order_relaxed);
    // release: pairs with the acquire in await_turn().
    game.turn.store(over ? kGameOver : i + 1, std::memory_order_release);
  }
  return early;
}

std::vector<unsigned> allowed_processors() {
  std::vector<unsigned> allowed;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return allowed;
  for (unsigned processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &set)) allowed.push_back(processor);
  }
  return allowed;
}

// The calling thread stays on one processor while this lives, where the system lets it.
class StaysOn {
 public:
  explicit StaysOn(unsigned processor) noexcept {
    if (sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~StaysOn() {
    if (pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  StaysOn(const StaysOn&) = delete;
  StaysOn& operator=(const StaysOn&) = delete;

 private:
  cpu_set_t before_{};
  bool pinned_ = false;
};

// `partner`: the other thread's processor; none: as the system likes.
std::uint64_t skew_of_game(std::optional<unsigned> partner, std::chrono::nanoseconds time) {
  BallGame game;
  std::uint64_t theirs = 0;
  std::thread other([&] {
    std::optional<StaysOn> stays;
    if (partner) stays.emplace(*partner);
    theirs = play(game, 1, time);
  });
  const std::uint64_t mine = play(game, 0, {});
  other.join();
  return std::max(mine, theirs);
}

}  // namespace

std::uint64_t measure_clock_skew() {
  const std::vector<unsigned> allowed = allowed_processors();
  const int here = sched_getcpu();
  if (here < 0 || allowed.size() < 2 || allowed.size() > kPartnersMost) return skew_of_game({}, kAllGames);
  const StaysOn stays(static_cast<unsigned>(here));
  std::uint64_t most = 0;
  for (const unsigned processor : allowed) {
    if (processor == static_cast<unsigned>(here)) continue;
    most = std::max(most, skew_of_game(processor, kAllGames / (allowed.size() - 1)));
  }
  return most;
}

}  // namespace crosstalk::harness::verify
