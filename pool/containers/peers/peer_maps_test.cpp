// The maps of other people's libraries that were found, against the laws of map_concept.h.
#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string_view>

#include "pool/containers/map_exercise.h"
#include "pool/locks/peers/tsan_marks.h"
#include "pool/peer_maps.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// Under ThreadSanitizer oneTBB's alone: it cannot see what liburcu orders, and it is right to complain of libcuckoo 0.3.1, which looks
// for its newest array of locks in a list that a growing map appends to, and only then takes a lock (see cuckoo_map.h).
#ifdef CROSSTALK_UNDER_TSAN
constexpr bool left_out(std::string_view name) {
  return name != "tbb_map";
}
#else
constexpr bool left_out(std::string_view) {
  return false;
}
#endif

template <template <class, class> class Map>
void exercise_peer_map() {
  using M = Map<std::uint32_t, ExercisedValue>;
  exercise_map_alone<M>();
  exercise_map_threads<M>(4, 50 * stress_rounds(20));
}

TEST_CASE("every map of a peer keeps the laws", "[pool][map][peers]") {
  std::set<std::string_view> names;
  for_each_peer_map([&]<template <class, class> class Map>(std::string_view name) {
    INFO(name);
    CHECK(names.insert(name).second);
    if (left_out(name)) return;
    exercise_peer_map<Map>();
  });
}

TEST_CASE("what a map of a peer holds dies with it at the latest", "[pool][map][peers]") {
  for_each_peer_map([]<template <class, class> class Map>(std::string_view name) {
    if (left_out(name)) return;
    INFO(name);
    const auto token = std::make_shared<int>(1);
    {
      Map<int, std::shared_ptr<int>> map(MapOptions{.keys = 8});
      for (int key = 0; key < 100; ++key) map.insert(key, token);
      for (int key = 0; key < 50; ++key) map.erase(key);
      CHECK(token.use_count() > 50);
    }
    CHECK(token.use_count() == 1);
  });
}

// Some grow on a thread of their own, which then still reads what the destructor is about to free.
TEST_CASE("a map of a peer may end while it grows", "[pool][map][peers][stress]") {
  for_each_peer_map([]<template <class, class> class Map>(std::string_view name) {
    if (left_out(name)) return;
    INFO(name);
    for (unsigned round = 0; round < stress_rounds(10'000); ++round) {
      Map<std::uint32_t, int> map(MapOptions{.keys = 8});
      bool inserted = true;
      for (std::uint32_t key = 0; key < 200; ++key) inserted = map.insert(key, 1) && inserted;
      CHECK(inserted);
    }
  });
}

}  // namespace
}  // namespace crosstalk::pool
