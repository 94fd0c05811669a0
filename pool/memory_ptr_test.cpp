#include <catch2/catch.hpp>

#include <stdexcept>

#include "pool/counting_resource.h"
#include "pool/memory_ptr.h"

namespace crosstalk::pool {
namespace {

struct alignas(256) WideThing {
  explicit WideThing(int value) : number(value) {
    if (value < 0) throw std::invalid_argument("negative");
  }
  int number;
};

TEST_CASE("an object in a memory resource goes back to it", "[pool][memory]") {
  CountingResource memory;
  {
    const MemoryPtr<WideThing> thing = make_in<WideThing>(&memory, 7);
    CHECK(thing->number == 7);
    CHECK(reinterpret_cast<std::uintptr_t>(thing.get()) % alignof(WideThing) == 0);
    CHECK(memory.bytes_out() == sizeof(WideThing));
  }
  CHECK(memory.allocations() == 1);
  CHECK(memory.deallocations() == 1);
  CHECK(memory.bytes_out() == 0);
}

TEST_CASE("an object whose constructor throws leaves nothing in its memory resource", "[pool][memory]") {
  CountingResource memory;
  CHECK_THROWS_AS(make_in<WideThing>(&memory, -1), std::invalid_argument);
  CHECK(memory.allocations() == 1);
  CHECK(memory.bytes_out() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
