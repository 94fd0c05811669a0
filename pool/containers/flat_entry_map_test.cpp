#include "pool/containers/flat_entry_map.h"

#include <catch2/catch.hpp>

#include <cstdint>

#include "pool/containers/map_exercise.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using FlatExercisedMap = FlatEntryMap<std::uint32_t, ExercisedValue>;

TEST_CASE("a flat entry map keeps the laws of an entry map", "[pool][map]") {
  exercise_map_alone<FlatExercisedMap>();
}

TEST_CASE("a flat entry map keeps the laws of an entry map under threads", "[pool][map][stress]") {
  exercise_map_threads<FlatExercisedMap>(4, 100 * stress_rounds(20));
}

TEST_CASE("a closure works on the value itself, also where that could be copied", "[pool][map]") {
  FlatEntryMap<int, int> map({.keys = 4});
  CHECK_FALSE(map.modify(1, [](int& value) { value = 1; }));
  CHECK(map.insert(1, 5));
  const int* place = nullptr;
  CHECK(map.modify(1, [&](int& value) { place = &++value; }));
  CHECK(map.visit(1, [&](const int& value) {
    CHECK(value == 6);
    CHECK(&value == place);
  }));
}

}  // namespace
}  // namespace crosstalk::pool
