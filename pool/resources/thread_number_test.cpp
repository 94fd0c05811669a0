#include <catch2/catch.hpp>

#include <algorithm>
#include <barrier>
#include <thread>
#include <vector>

#include "pool/resources/thread_number.h"

namespace crosstalk::pool {
namespace {

// The numbers of `count` threads that live at the same time.
std::vector<std::uint32_t> numbers_together(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::barrier all(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      numbers[i] = thread_number();
      all.arrive_and_wait();
      if (numbers[i] != thread_number()) numbers[i] = 1'000;  // it must not change
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST_CASE("threads that live together have different numbers, and hand them on", "[pool][thread_number]") {
  const std::uint32_t mine = thread_number();
  CHECK(mine == thread_number());
  for (int round = 0; round < 50; ++round) {
    const std::vector<std::uint32_t> numbers = numbers_together(4);
    CHECK(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
    CHECK(std::find(numbers.begin(), numbers.end(), mine) == numbers.end());
    CHECK(numbers.back() < kThreadNumbers);
  }
}

TEST_CASE("the threads for which no number is left share the one that says so", "[pool][thread_number]") {
  static_cast<void>(thread_number());
  const std::vector<std::uint32_t> numbers = numbers_together(kThreadNumbers + 10);
  const auto without = std::count(numbers.begin(), numbers.end(), kNoThreadNumber);
  CHECK(without >= 11);  // this thread has one of the numbers
  CHECK(std::adjacent_find(numbers.begin(), numbers.end() - without) == numbers.end() - without);
  CHECK(numbers_together(4).back() < kThreadNumbers);
}

TEST_CASE("a number's next owner sees what its last one did", "[pool][thread_number][stress]") {
  struct Entry {
    std::uint64_t uses = 0;
  };
  std::vector<Entry> table(kThreadNumbers + 1);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { ++table[thread_number()].uses; });
    for (std::thread& thread : threads) thread.join();
  }
  std::uint64_t uses = 0;
  for (const Entry& entry : table) uses += entry.uses;
  CHECK(uses == 80);
}

}  // namespace
}  // namespace crosstalk::pool
