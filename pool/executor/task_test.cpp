#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

#include "pool/executor/task.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a task may own what only moves, small or large", "[pool][task]") {
  int seen = 0;
  Task small([owned = std::make_unique<int>(1), &seen] { seen += *owned; });
  Task large(
      [owned = std::make_unique<int>(2), pad = std::array<char, 100>{}, &seen] { seen += *owned + pad[0]; });
  Task moved = std::move(small);
  CHECK_FALSE(static_cast<bool>(small));
  moved();
  large();
  moved = std::move(large);
  moved();
  CHECK(seen == 5);
}

TEST_CASE("a task destroys what it owns when it is reset, once", "[pool][task]") {
  auto owned = std::make_shared<int>(1);
  Task task([owned] {});
  CHECK(owned.use_count() == 2);
  Task moved(std::move(task));
  CHECK(owned.use_count() == 2);
  moved.reset();
  CHECK(owned.use_count() == 1);
  moved.reset();
  CHECK_FALSE(static_cast<bool>(moved));
}

TEST_CASE("a task says what became of it", "[pool][task]") {
  CHECK(Task([] {})() == TaskOutcome::completed);
  CHECK(Task([] { return 7; })() == TaskOutcome::completed);
  CHECK(Task([] { return TaskOutcome::cancelled; })() == TaskOutcome::cancelled);
  CHECK_THROWS_AS(Task([] { throw std::runtime_error("x"); })(), std::runtime_error);
}

TEST_CASE("a task keeps what wants a stricter alignment than it has", "[pool][task]") {
  struct alignas(64) Wide {
    char byte = 3;
  };
  bool aligned = false;
  Task task([wide = Wide{}, &aligned] {
    aligned = reinterpret_cast<std::size_t>(&wide) % 64 == 0 && wide.byte == 3;
  });
  Task moved(std::move(task));
  moved();
  CHECK(aligned);
}

}  // namespace
}  // namespace crosstalk::pool
