#include "harness/gate/recording.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

namespace crosstalk::harness::gate {
namespace {

// Which of the recorded pairs it is, and whether its blocks were swapped: base holds 2 i + 1, head 2 i + 2.
struct Drawn {
  std::size_t index = 0;
  bool swapped = false;
};

Drawn drawn(const reports::RecordedPair& pair) {
  const auto base = static_cast<std::size_t>(*pair.base[0]);
  const auto head = static_cast<std::size_t>(*pair.head[0]);
  return {std::min(base, head) / 2, head < base};
}

std::vector<reports::RecordedPair> numbered_pairs(std::size_t count) {
  std::vector<reports::RecordedPair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    for (const Contest& contest : gating_contests()) {
      const double value = 2 * static_cast<double>(i) + 1;
      pairs.push_back({.scenario = contest.name, .base = {value}, .head = {value + 1}});
    }
  }
  return pairs;
}

TEST_CASE("a draw follows the recording, all contests at the same moment", "[gate]") {
  constexpr std::size_t kPairs = 50;
  const Recording recording(numbered_pairs(kPairs), gating_contests());
  RecordingDraw draw(recording, 1e9, 7);  // one go
  std::size_t swaps = 0;
  std::size_t before = drawn(draw.next(0)).index;
  CHECK(drawn(draw.next(5)).index == before);
  for (std::size_t i = 0; i < 200; ++i) {
    draw.begin_round();
    const Drawn now = drawn(draw.next(0));
    CHECK(now.index == (before + 1) % kPairs);
    before = now.index;
    swaps += now.swapped ? 1 : 0;
  }
  CHECK(swaps > 60);
  CHECK(swaps < 140);
}

TEST_CASE("after some rounds, ten on average, a draw goes on at another moment", "[gate]") {
  constexpr std::size_t kPairs = 1'000;
  const Recording recording(numbered_pairs(kPairs), gating_contests());
  RecordingDraw draw(recording, 10, 7);
  std::size_t jumps = 0;
  std::size_t before = drawn(draw.next(0)).index;
  for (std::size_t i = 0; i < 2'000; ++i) {
    draw.begin_round();
    const std::size_t now = drawn(draw.next(0)).index;
    jumps += now == (before + 1) % kPairs ? 0 : 1;
    before = now;
  }
  CHECK(jumps > 130);
  CHECK(jumps < 270);
}

TEST_CASE("a contest that was hardly recorded is refused", "[gate]") {
  auto pairs = numbered_pairs(Recording::kFewest);
  CHECK_NOTHROW(Recording(pairs, gating_contests()));
  std::erase_if(pairs, [first = true](const reports::RecordedPair& pair) mutable {
    return pair.scenario == "solo_map" && std::exchange(first, false);
  });
  CHECK_THROWS_WITH(Recording(pairs, gating_contests()), "solo_map: 19 recorded pairs, it takes 20");
}

}  // namespace
}  // namespace crosstalk::harness::gate
