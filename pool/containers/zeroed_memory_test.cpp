#include "pool/containers/zeroed_memory.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

namespace crosstalk::pool {
namespace {

TEST_CASE("a block is zeros, aligned, and keeps what is written", "[pool][memory]") {
  for (const std::size_t bytes :
       {std::size_t{1}, std::size_t{100'000}, std::size_t{300'000}, std::size_t{5} << 20}) {
    const ZeroedMemory memory(bytes);
    REQUIRE(memory.size() >= bytes);
    REQUIRE(reinterpret_cast<std::uintptr_t>(memory.data()) % ZeroedMemory::kAlignment == 0);
    auto* const data = static_cast<unsigned char*>(memory.data());
    REQUIRE(std::all_of(data, data + bytes, [](unsigned char byte) { return byte == 0; }));
    std::fill(data, data + bytes, static_cast<unsigned char>(7));
    REQUIRE(std::all_of(data, data + bytes, [](unsigned char byte) { return byte == 7; }));
  }
}

TEST_CASE("discarded pages read as zeros, and what shares their pages stays", "[pool][memory]") {
  constexpr std::size_t kBytes = std::size_t{3} << 20;
  constexpr std::size_t kFrom = 5'000;  // within the second page
  constexpr std::size_t kTo = 50'000;   // within the thirteenth
  ZeroedMemory memory(kBytes);
  auto* const data = static_cast<unsigned char*>(memory.data());
  std::fill(data, data + kBytes, static_cast<unsigned char>(7));
  memory.discard(kFrom, kTo);
  CHECK(std::all_of(data, data + 8'192, [](unsigned char byte) { return byte == 7; }));
  CHECK(std::all_of(data + 8'192, data + 49'152, [](unsigned char byte) { return byte == 0; }));
  CHECK(std::all_of(data + 49'152, data + kBytes, [](unsigned char byte) { return byte == 7; }));
  memory.discard(10'000, 10'001);  // no whole page
  memory.discard(60'000, 60'000);
  CHECK(data[60'000] == 7);
}

TEST_CASE("a moved block is where it was, and what cannot be had throws", "[pool][memory]") {
  ZeroedMemory one(1'000'000);
  void* const where = one.data();
  ZeroedMemory two(std::move(one));
  CHECK(two.data() == where);
  one = std::move(two);
  CHECK(one.data() == where);
  CHECK_THROWS_AS(ZeroedMemory(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  CHECK_THROWS_AS(ZeroedMemory(std::size_t{1} << 61), std::bad_alloc);
}

}  // namespace
}  // namespace crosstalk::pool
