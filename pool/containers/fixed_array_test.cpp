#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <stdexcept>

#include "pool/containers/fixed_array.h"
#include "pool/counting_resource.h"

namespace crosstalk::pool {
namespace {

// Neither copied nor moved; the n-th one that is made may throw.
struct alignas(64) Immovable {
  Immovable(int& living_now, int throw_at) : living(living_now) {
    if (living == throw_at) throw std::runtime_error("no more");
    ++living;
  }
  Immovable(const Immovable&) = delete;
  Immovable& operator=(const Immovable&) = delete;
  ~Immovable() { --living; }

  int& living;
  std::mutex mutex;
};

TEST_CASE("a fixed array makes its elements in place, and ends them", "[pool][fixed_array]") {
  CountingResource memory;
  int living = 0;
  {
    FixedArray<Immovable> array(&memory, 5, std::ref(living), -1);
    CHECK(array.size() == 5);
    CHECK(living == 5);
    CHECK(memory.allocations() == 1);
    std::size_t seen = 0;
    for (Immovable& element : array) {
      CHECK(&element == &array[seen++]);
      CHECK(reinterpret_cast<std::uintptr_t>(&element) % 64 == 0);
    }
    CHECK(seen == 5);
  }
  CHECK(living == 0);
  CHECK(memory.bytes_out() == 0);
}

TEST_CASE("a fixed array of which an element cannot be made leaves nothing", "[pool][fixed_array]") {
  CountingResource memory;
  int living = 0;
  CHECK_THROWS_AS(FixedArray<Immovable>(&memory, 5, std::ref(living), 3), std::runtime_error);
  CHECK(living == 0);
  CHECK(memory.bytes_out() == 0);
  CHECK_THROWS_AS(FixedArray<std::uint64_t>(&memory, SIZE_MAX / 4), std::bad_array_new_length);
  CHECK(memory.bytes_out() == 0);
}

TEST_CASE("a fixed array of nothing is empty", "[pool][fixed_array]") {
  CountingResource memory;
  {
    const FixedArray<int> array(&memory, 0);
    CHECK(array.size() == 0);
    CHECK(array.begin() == array.end());
  }
  CHECK(memory.bytes_out() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
