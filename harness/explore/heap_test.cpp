#include "harness/explore/heap.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("nothing that was freed is handed out again, and alignment is kept", "[explore]") {
  struct alignas(256) Wide {
    char bytes[256];
  };
  const Result result = explore({}, [] {
    auto first = std::make_unique<Wide>();
    const auto address = reinterpret_cast<std::uintptr_t>(first.get());
    require(address % 256 == 0, "not aligned");
    first.reset();
    const auto second = std::make_unique<Wide>();
    require(reinterpret_cast<std::uintptr_t>(second.get()) != address, "handed out again");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("the end of a large block, too, must not be used when it is freed", "[explore]") {
  constexpr std::size_t kLarge = 1 << 20;
  const Result result = explore({}, [] {
    std::atomic<char*> shared{new char[kLarge]};
    std::jthread other([&] {
      char* const block = shared.load();
      block[kLarge - 1] = 1;
    });
    other.join();
    char* const block = shared.load();
    delete[] block;
    shared.load()[kLarge - 1] = 2;
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::use_after_free);
  CHECK(result.confirmed);
}

}  // namespace crosstalk::harness::explore
