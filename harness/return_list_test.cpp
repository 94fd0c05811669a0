#include "harness/return_list.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>
#include <vector>

namespace crosstalk::harness {
namespace {

TEST_CASE("who is pushed is drained once, with its instant", "[harness][return]") {
  ReturnList list(5);
  list.drain([](std::uint32_t, std::uint64_t) { FAIL("nobody is there"); });
  list.push(3, 30);
  list.push(0, 7);
  std::vector<std::uint64_t> seen(5);
  list.drain([&](std::uint32_t client, std::uint64_t ended) { seen[client] += ended; });
  CHECK(seen == std::vector<std::uint64_t>{7, 0, 0, 30, 0});
  list.drain([](std::uint32_t, std::uint64_t) { FAIL("everybody is gone"); });
}

TEST_CASE("clients of many threads all come back", "[harness][return][stress]") {
  constexpr std::uint32_t kThreads = 4;
  constexpr std::uint32_t kEach = 2'000;
  ReturnList list(kThreads * kEach);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint32_t i = 0; i < kEach; ++i) list.push(t * kEach + i, i + 1);
    });
  }
  std::uint32_t count = 0;
  std::uint64_t sum = 0;
  while (count < kThreads * kEach) {
    list.drain([&](std::uint32_t client, std::uint64_t ended) {
      CHECK(ended == client % kEach + 1);
      ++count;
      sum += ended;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == std::uint64_t{kThreads} * kEach * (kEach + 1) / 2);
}

}  // namespace
}  // namespace crosstalk::harness
