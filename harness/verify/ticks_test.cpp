#include "harness/verify/ticks.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>
#include <vector>

#include "harness/verify/clock_skew.h"

namespace crosstalk::harness::verify {

namespace {

struct Read {
  std::uint64_t call;
  std::uint64_t value;
};

// Stores 1, 2, ... with no more order than a release has, which leaves them in the store buffer; when each had ended.
std::vector<std::uint64_t> store_all(std::atomic<std::uint64_t>& cell, std::uint64_t most) {
  std::vector<std::uint64_t> ends{0};
  for (std::uint64_t i = 1; i <= most; ++i) {
    cell.store(i, std::memory_order_release);  // release: pairs with the acquire of read_until()
    ends.push_back(ticks_after());
  }
  return ends;
}

std::vector<Read> read_until(const std::atomic<std::uint64_t>& cell, std::uint64_t last) {
  std::vector<Read> reads;
  do {
    const std::uint64_t call = ticks_before();
    // acquire: pairs with the release of store_all()
    reads.push_back({call, cell.load(std::memory_order_acquire)});
  } while (reads.back().value != last);
  return reads;
}

}  // namespace

// Any machine that runs C++ may answer so; a history that said otherwise would accuse a cell of one atomic word.
TEST_CASE("a load that begins after a store has ended sees it", "[harness][verify]") {
  constexpr std::uint64_t kStores = 200'000;
  const std::uint64_t skew = measure_clock_skew();
  std::atomic<std::uint64_t> cell{0};
  std::atomic<bool> there{false};
  std::vector<Read> reads;
  std::thread reader([&] {
    there.store(true, std::memory_order_release);  // release: pairs with the acquire below
    reads = read_until(cell, kStores);
  });
  // acquire: pairs with the release above
  while (!there.load(std::memory_order_acquire)) std::this_thread::yield();
  const std::vector<std::uint64_t> ends = store_all(cell, kStores);
  reader.join();

  const auto stale = std::count_if(reads.begin(), reads.end(), [&](const Read& read) {
    return read.value < kStores && ends[read.value + 1] + 2 * skew < read.call;
  });
  CHECK(stale == 0);
}

}  // namespace crosstalk::harness::verify
