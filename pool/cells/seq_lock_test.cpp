#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "pool/cell.h"
#include "pool/cells/seq_lock.h"
#include "pool/lock_exercise.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

struct SeqLockTrouble {};

// Several words, and a rest.
struct Packed {
  std::array<std::uint32_t, 9> words;
  char last;
  [[nodiscard]] bool whole() const {
    for (const std::uint32_t word : words) {
      if (word != words[0]) return false;
    }
    return last == static_cast<char>(words[0] % 100);
  }
};
static_assert(sizeof(Packed) % sizeof(std::uint64_t) == 0 && sizeof(Packed) == 40);

TEST_CASE("seq_lock: readers copy whole states while writers store", "[pool][cell][stress]") {
  CellOf<SeqLock, Packed> cell(Packed{});
  std::atomic<std::uint64_t> torn{0};
  std::atomic<bool> stop{false};
  const std::uint32_t writes = stress_rounds(50'000);
  detail::run_threads(4, [&](unsigned id) {
    if (id < 2) {
      for (std::uint32_t i = 0; i < writes; ++i) {
        cell.write([](Packed& data) {
          const std::uint32_t next = data.words[0] + 1;
          data.words.fill(next);
          data.last = static_cast<char>(next % 100);
        });
      }
      stop = true;
      return;
    }
    std::uint32_t last = 0;
    while (!stop) {
      const Packed seen = cell.read([](const Packed& data) { return data; });
      if (!seen.whole() || seen.words[0] < last) ++torn;
      last = seen.words[0];
    }
  });
  CHECK(torn == 0);
  CHECK(cell.read([](const Packed& data) { return data.words[8]; }) == 2 * writes);
}

// No default, no operator ==, 3 bytes.
struct ThreeBytes {
  explicit ThreeBytes(char a) : bytes{a, 'b', 'c'} {}
  std::array<char, 3> bytes;
};

TEST_CASE("seq_lock: what is smaller than a word, and a write that throws", "[pool][cell]") {
  CellOf<SeqLock, ThreeBytes> cell('a');
  const auto text = [](const ThreeBytes& data) { return std::string(data.bytes.begin(), data.bytes.end()); };
  CHECK(cell.read(text) == "abc");
  cell.write([](ThreeBytes& data) { data.bytes[2] = 'x'; });
  CHECK(cell.read(text) == "abx");
  CHECK_THROWS_AS(cell.write([](ThreeBytes& data) -> int {
    data.bytes[0] = '?';
    throw SeqLockTrouble();
  }),
                  SeqLockTrouble);
  CHECK(cell.read(text) == "abx");
}

TEST_CASE("seq_lock: reads may stand in reads and in writes, where they see the state before",
          "[pool][cell]") {
  CellOf<SeqLock, int> cell(1);
  const auto get = [](const int& value) { return value; };
  CHECK(cell.read([&](const int& value) { return value + cell.read(get); }) == 2);
  CHECK(cell.write([&](int& value) {
    value = 5;
    return cell.read(get);
  }) == 1);
  CHECK(cell.read(get) == 5);
}

}  // namespace
}  // namespace crosstalk::pool
