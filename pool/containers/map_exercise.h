// The laws of map_concept.h as checks, for the tests of every map that is to carry a server. Catch2 only.
#pragma once

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pool/conformance.h"
#include "pool/containers/map_concept.h"

namespace crosstalk::pool {

// A value that cannot be copied.
struct ExercisedValue {
  std::unique_ptr<std::uint64_t> owned;
  std::uint64_t first = 0;
  std::uint64_t second = 0;  // equal to `first` but inside modify()
};

inline ExercisedValue exercised_value(std::uint64_t number) {
  return {std::make_unique<std::uint64_t>(number), number, number};
}

// M is an EntryMap of std::uint32_t to ExercisedValue.
template <EntryMap M>
void exercise_map_alone() {
  M map(MapOptions{.keys = 4, .stripes = 2});
  std::uint64_t seen = 0;
  const auto look = [&](const ExercisedValue& value) { seen = *value.owned; };
  CHECK_FALSE(map.visit(1, look));
  CHECK_FALSE(map.modify(1, [&](ExercisedValue&) { seen = 99; }));
  CHECK_FALSE(map.erase(1));
  CHECK(seen == 0);
  CHECK(map.insert(1, exercised_value(7)));
  CHECK_FALSE(map.insert(1, exercised_value(8)));
  CHECK(map.visit(1, look));
  CHECK(seen == 7);
  CHECK(map.modify(1, [](ExercisedValue& value) { *value.owned = 9; }));
  CHECK(map.visit(1, look));
  CHECK(seen == 9);
  CHECK_THROWS_AS(map.modify(1, [](ExercisedValue&) { throw 1; }), int);
  CHECK_THROWS_AS(map.visit(1, [](const ExercisedValue&) { throw 1; }), int);
  CHECK(map.modify(1, [](ExercisedValue& value) { *value.owned = 10; }));  // nothing is locked
  CHECK(map.erase(1));
  CHECK_FALSE(map.erase(1));
  CHECK_FALSE(map.visit(1, look));
  // Far more than it was told of: it grows, and every value is found again.
  constexpr std::uint32_t kMany = 5'000;
  for (std::uint32_t key = 0; key < kMany; ++key) REQUIRE(map.insert(key, exercised_value(key)));
  for (std::uint32_t key = 0; key < kMany; ++key) {
    REQUIRE(map.visit(key, look));
    REQUIRE(seen == key);
  }
  for (std::uint32_t key = 0; key < kMany; key += 2) REQUIRE(map.erase(key));
  for (std::uint32_t key = 0; key < kMany; ++key) REQUIRE(map.visit(key, look) == (key % 2 == 1));
}

// Threads on a few keys: no visit sees a half-done modify, no modify is lost, each insert and each erase has one winner.
template <EntryMap M>
void exercise_map_threads(unsigned threads, std::uint32_t rounds) {
  constexpr std::uint32_t kHot = 3;
  constexpr std::uint32_t kFleeting = 100;  // + 0 .. 3: inserted and erased all the time
  M map(MapOptions{.keys = 2, .stripes = 2});
  for (std::uint32_t key = 0; key < kHot; ++key) map.insert(key, exercised_value(0));
  std::atomic<std::uint64_t> torn{0};
  std::atomic<std::int64_t> there{0};
  detail::run_threads(threads, [&](unsigned id) {
    for (std::uint32_t i = 0; i < rounds; ++i) {
      map.modify(i % kHot, [](ExercisedValue& value) {
        value.first += 1;
        *value.owned += 1;
        value.second += 1;
      });
      const auto compare = [&](const ExercisedValue& value) {
        if (value.first != value.second || *value.owned != value.first) ++torn;
      };
      map.visit((i + id) % kHot, compare);
      map.visit(kFleeting + i % 4, compare);
      if (map.insert(kFleeting + i % 4, exercised_value(i))) ++there;
      if (map.erase(kFleeting + (i + id) % 4)) --there;
      map.insert(1'000 + id * rounds + i, exercised_value(i));  // the map grows meanwhile
    }
  });
  CHECK(torn == 0);
  std::uint64_t sum = 0;
  for (std::uint32_t key = 0; key < kHot; ++key) {
    map.visit(key, [&](const ExercisedValue& value) { sum += value.first; });
  }
  CHECK(sum == std::uint64_t{threads} * rounds);
  std::int64_t left = 0;
  for (std::uint32_t key = kFleeting; key < kFleeting + 4; ++key) {
    left += map.visit(key, [](const ExercisedValue&) {}) ? 1 : 0;
  }
  CHECK(left == there);
  std::uint64_t grown = 0;
  for (std::uint32_t key = 1'000; key < 1'000 + threads * rounds; ++key) {
    grown += map.visit(key, [](const ExercisedValue&) {}) ? 1U : 0U;
  }
  CHECK(grown == std::uint64_t{threads} * rounds);
}

}  // namespace crosstalk::pool
