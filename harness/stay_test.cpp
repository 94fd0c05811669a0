#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/stay.h"
#include "workloads/random.h"

namespace crosstalk::harness {
namespace {

using Arrival = Stay::Arrival;

// a = 10, b = 12, c = 20, d = 22: every zone of the reach law is two posts or more wide.
constexpr std::uint64_t kA = 10;
constexpr std::uint64_t kB = 12;
constexpr std::uint64_t kC = 20;
constexpr std::uint64_t kD = 22;

Stay open_stay() {
  return {3, kA, kB};
}
Stay closed_stay() {
  Stay stay = open_stay();
  stay.close(kC, kD);
  return stay;
}

TEST_CASE("each zone of the reach law ends where it should", "[harness][stay]") {
  Stay stay = closed_stay();
  CHECK(stay.arrive(kA - 1) == Arrival::foreign);
  CHECK(stay.arrive(kA) == Arrival::foreign);
  CHECK(stay.arrive(kA + 1) == Arrival::possible);
  CHECK(stay.arrive(kB) == Arrival::possible);
  CHECK(stay.arrive(kB + 1) == Arrival::expected);
  CHECK(stay.arrive(kC) == Arrival::expected);
  CHECK(stay.arrive(kC + 1) == Arrival::possible);
  CHECK(stay.arrive(kD) == Arrival::possible);
  CHECK(stay.arrive(kD + 1) == Arrival::foreign);
  CHECK(stay.received() == 2);
  CHECK(stay.possible_received() == 4);
  CHECK(stay.due() == kC - kB);
  CHECK(stay.missing() == kC - kB - 2);
}

TEST_CASE("a stay whose join and leave met no post has no zone of doubt", "[harness][stay]") {
  Stay stay(0, 5, 5);
  stay.close(7, 7);
  CHECK(stay.arrive(5) == Arrival::foreign);
  CHECK(stay.arrive(6) == Arrival::expected);
  CHECK(stay.arrive(7) == Arrival::expected);
  CHECK(stay.arrive(8) == Arrival::foreign);
  CHECK(stay.missing() == 0);
}

TEST_CASE("a stay without a post lacks nothing", "[harness][stay]") {
  Stay stay(0, 0, 0);
  CHECK(stay.open());
  stay.close(0, 0);
  CHECK_FALSE(stay.open());
  CHECK(stay.due() == 0);
  CHECK(stay.missing() == 0);
  CHECK_FALSE(stay.covers(0));
  CHECK_FALSE(stay.covers(1));
}

TEST_CASE("an open stay covers everything after its join", "[harness][stay]") {
  const Stay stay = open_stay();
  CHECK(stay.room() == 3);
  CHECK_FALSE(stay.covers(kA));
  CHECK(stay.covers(kA + 1));
  CHECK(stay.covers(Stay::kOpen - 1));
}

TEST_CASE("a second arrival is a duplicate in every zone", "[harness][stay]") {
  Stay stay = closed_stay();
  for (const std::uint64_t sequence : {kA + 1, kB, kB + 1, kC, kC + 1, kD}) {
    CHECK(stay.arrive(sequence) != Arrival::duplicate);
    CHECK(stay.arrive(sequence) == Arrival::duplicate);
    CHECK(stay.arrive(sequence) == Arrival::duplicate);
  }
  CHECK(stay.received() == 2);
  CHECK(stay.possible_received() == 4);
}

TEST_CASE("a zone of doubt knows its first 32 posts apart and counts them all", "[harness][stay]") {
  Stay stay(0, 0, 40);
  for (std::uint64_t sequence = 1; sequence <= 40; ++sequence)
    CHECK(stay.arrive(sequence) == Arrival::possible);
  CHECK(stay.possible_received() == 40);
  CHECK(stay.arrive(40) == Arrival::duplicate);
  CHECK(stay.arrive(9) == Arrival::duplicate);  // the 32nd from the end
  CHECK(stay.arrive(8) == Arrival::possible);   // the 33rd: its repetition goes unseen
}

TEST_CASE("gaps may be filled in any order", "[harness][stay]") {
  std::vector<std::uint64_t> order(kC - kB);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::iota(order.begin(), order.end(), kB + 1);
    workloads::RandomStream random(seed, workloads::Purpose::operations);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    Stay stay = open_stay();
    for (std::size_t i = 0; i < order.size(); ++i) {
      INFO("seed " << seed << ", arrival " << i << ": " << order[i]);
      REQUIRE(stay.lacks(order[i]));
      REQUIRE(stay.arrive(order[i]) == Arrival::expected);
      REQUIRE_FALSE(stay.lacks(order[i]));
      const std::uint64_t highest =
          *std::max_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      REQUIRE(stay.missing() == highest - kB - (i + 1));
    }
    stay.close(kC, kC);
    CHECK(stay.missing() == 0);
    for (const std::uint64_t sequence : order) CHECK(stay.arrive(sequence) == Arrival::duplicate);
  }
}

TEST_CASE("the end of a stay opens a gap up to what had to arrive", "[harness][stay]") {
  Stay stay = open_stay();
  stay.arrive(kB + 1);
  stay.close(kC, kD);
  CHECK(stay.missing() == kC - kB - 1);
  CHECK(stay.lacks(kB + 2));
  CHECK(stay.lacks(kC));
  CHECK(stay.lacks(kD));  // it may still come
  CHECK_FALSE(stay.lacks(kD + 1));
  CHECK(stay.arrive(kC) == Arrival::expected);  // still under way when the client left
  CHECK(stay.missing() == kC - kB - 2);
}

TEST_CASE("own posts are neither due nor missing nor to be received", "[harness][stay]") {
  Stay stay = open_stay();
  CHECK(stay.last_own() == 0);
  stay.own(kB + 3);
  CHECK(stay.last_own() == kB + 3);
  CHECK(stay.missing() == 2);
  CHECK_FALSE(stay.lacks(kB + 3));
  CHECK(stay.arrive(kB + 3) == Arrival::duplicate);
  CHECK(stay.arrive(kB + 1) == Arrival::expected);
  CHECK(stay.arrive(kB + 2) == Arrival::expected);
  stay.close(kB + 4, kB + 4);
  CHECK(stay.due() == 3);
  CHECK(stay.received() == 2);
  CHECK(stay.missing() == 1);
}

TEST_CASE("an own post below what has arrived fills its place", "[harness][stay]") {
  Stay stay = open_stay();
  stay.arrive(kB + 2);
  CHECK(stay.missing() == 1);
  stay.own(kB + 1);
  CHECK(stay.missing() == 0);
}

TEST_CASE("only holes below an arrival are skipped, the cut-off end is not", "[harness][stay]") {
  Stay stay = open_stay();
  stay.arrive(kB + 1);
  stay.arrive(kB + 4);
  stay.out_of_order(kB + 1);
  stay.out_of_order(kB + 4);
  stay.close(kC, kC);
  stay.excuse();
  CHECK(stay.excused());
  CHECK(stay.missing() == kC - kB - 2);
  CHECK(stay.skipped() == 2);  // between the two that arrived
}

TEST_CASE("a prefix has no skipped posts, whether own posts follow or not", "[harness][stay]") {
  Stay stay = open_stay();
  for (std::uint64_t sequence = kB + 1; sequence <= kB + 3; ++sequence) {
    stay.arrive(sequence);
    stay.out_of_order(sequence);
  }
  stay.own(kB + 6);
  stay.close(kC, kD);
  CHECK(stay.skipped() == 0);
  CHECK(stay.missing() == kC - kB - 4);
  CHECK(Stay(0, 0, 0).skipped() == 0);
}

TEST_CASE("a post below an earlier arrival is out of order", "[harness][stay]") {
  Stay stay = open_stay();
  CHECK_FALSE(stay.out_of_order(kB + 1));
  CHECK_FALSE(stay.out_of_order(kB + 5));
  CHECK(stay.out_of_order(kB + 4));
  CHECK_FALSE(stay.out_of_order(kB + 6));
}

TEST_CASE("an overtaken post is noticed once, when it arrives", "[harness][stay]") {
  Stay stay = open_stay();
  stay.arrive(kB + 5);
  CHECK_FALSE(stay.was_overtaken(kB + 2));
  stay.overtake(kB + 2);
  CHECK_FALSE(stay.was_overtaken(kB + 3));
  CHECK(stay.was_overtaken(kB + 2));
  CHECK_FALSE(stay.was_overtaken(kB + 2));
}

TEST_CASE("what may come is lacked until it came, what came before the join never is", "[harness][stay]") {
  Stay stay = open_stay();
  for (const std::uint64_t sequence : {std::uint64_t{0}, kA}) CHECK_FALSE(stay.lacks(sequence));
  CHECK(stay.lacks(kB + 1));
  for (const std::uint64_t sequence : {kA + 1, kB}) {
    CHECK(stay.lacks(sequence));
    CHECK(stay.arrive(sequence) == Arrival::possible);
    CHECK_FALSE(stay.lacks(sequence));
  }
}

}  // namespace
}  // namespace crosstalk::harness
