#include "pool/containers/locked_map.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <mutex>

#include "pool/containers/map_exercise.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

template <class Lock>
using LockedExercisedMap = LockedMap<std::uint32_t, ExercisedValue, Lock>;

TEMPLATE_TEST_CASE("a locked map keeps the laws of an entry map", "[pool][map]", LockedExercisedMap<RwLock>,
                   LockedExercisedMap<std::mutex>) {
  exercise_map_alone<TestType>();
}

TEMPLATE_TEST_CASE("a locked map keeps the laws of an entry map under threads", "[pool][map][stress]",
                   LockedExercisedMap<RwLock>, LockedExercisedMap<std::mutex>) {
  exercise_map_threads<TestType>(4, 100 * stress_rounds(20));
}

}  // namespace
}  // namespace crosstalk::pool
