#include <catch2/catch.hpp>

#include <algorithm>
#include <barrier>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/counting_resource.h"
#include "pool/resources/arena_resource.h"
#include "pool/resources/thread_number.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

struct ArenaBlock {
  void* memory;
  std::size_t bytes;
  std::size_t alignment;
};

ArenaBlock arena_block(ArenaResource& arena, std::size_t bytes, std::size_t alignment, int fill) {
  const ArenaBlock block{arena.allocate(bytes, alignment), bytes, alignment};
  std::memset(block.memory, fill, bytes);
  return block;
}
bool arena_block_holds(const ArenaBlock& block, int fill) {
  const auto* const first = static_cast<const unsigned char*>(block.memory);
  return std::all_of(first, first + block.bytes, [fill](unsigned char byte) { return byte == fill; });
}
void free_block(ArenaResource& arena, const ArenaBlock& block) {
  arena.deallocate(block.memory, block.bytes, block.alignment);
}

TEST_CASE("blocks of all sizes and alignments are there, aligned, and nobody else's",
          "[pool][arena_resource]") {
  CountingResource upstream;
  {
    ArenaResource arena({}, &upstream);
    for (int round = 0; round < 2; ++round) {
      std::vector<ArenaBlock> blocks;
      for (std::size_t bytes = 0; bytes < 40'000; bytes += bytes < 600 ? 1 : 97) {
        for (std::size_t alignment = 1; alignment <= 512; alignment *= 4) {
          blocks.push_back(arena_block(arena, bytes, alignment, static_cast<int>(blocks.size() % 251)));
          REQUIRE(reinterpret_cast<std::uintptr_t>(blocks.back().memory) % alignment == 0);
        }
      }
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        REQUIRE(arena_block_holds(blocks[i], static_cast<int>(i % 251)));
        free_block(arena, blocks[i]);
      }
    }
    CHECK(upstream.bytes_out() == static_cast<std::int64_t>(arena.chunk_bytes()));
  }
  CHECK(upstream.bytes_out() == 0);
}

TEST_CASE("the arena's classes waste at most a quarter, of small sizes 15 bytes", "[pool][arena_resource]") {
  for (const std::size_t bytes : {17U, 33U, 100U, 129U, 161U, 1'025U, 10'241U, 16'384U}) {
    CountingResource upstream;
    ArenaResource arena({.first_chunk_bytes = 1 << 20, .largest_chunk_bytes = 1 << 20}, &upstream);
    std::size_t blocks = 0;
    while (arena.chunk_bytes() <= (std::size_t{1} << 20)) {
      static_cast<void>(arena.allocate(bytes));
      ++blocks;
    }
    INFO(bytes << " bytes");
    const std::size_t magazine = std::max<std::size_t>(8192, 32 * bytes);
    CHECK(blocks * std::max(bytes + 15, bytes * 5 / 4) >= (std::size_t{1} << 20) - 2 * magazine);
  }
}

TEST_CASE("what was given back is handed out again, and the arena does not grow", "[pool][arena_resource]") {
  ArenaResource arena;
  std::vector<ArenaBlock> blocks;
  std::size_t settled = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 10'000; ++i) blocks.push_back(arena_block(arena, 48, 8, i));
    // As many in the other order as in this one.
    if (round % 2 == 0) std::reverse(blocks.begin(), blocks.end());
    for (const ArenaBlock& block : blocks) free_block(arena, block);
    blocks.clear();
    if (round == 0) settled = arena.chunk_bytes();
    CHECK(arena.chunk_bytes() == settled);
  }
}

TEST_CASE("memory goes round between a thread that allocates and one that frees",
          "[pool][arena_resource][stress]") {
  ArenaResource arena;
  constexpr std::size_t kBatch = 500;
  std::vector<ArenaBlock> batch;
  std::barrier turn(2);
  std::size_t settled = 0;
  const unsigned rounds = stress_rounds(200);
  std::thread freer([&] {
    for (unsigned round = 0; round < rounds; ++round) {
      turn.arrive_and_wait();
      for (const ArenaBlock& block : batch) free_block(arena, block);
      batch.clear();
      turn.arrive_and_wait();
    }
  });
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < kBatch; ++i) batch.push_back(arena_block(arena, 64, 8, 1));
    turn.arrive_and_wait();
    turn.arrive_and_wait();
    if (round == 1) settled = arena.chunk_bytes();
  }
  freer.join();
  CHECK(arena.chunk_bytes() == settled);
}

TEST_CASE("threads with and without a number allocate and free each other's blocks",
          "[pool][arena_resource][stress]") {
  CountingResource upstream;
  {
    ArenaResource arena({}, &upstream);
    std::mutex mutex;
    std::vector<ArenaBlock> shared;
    std::atomic<int> broken{0};
    // More than there are numbers, so that the last ones share a slot; all of them are there before one begins.
    const unsigned threads = kThreadNumbers + 4;
    std::barrier all(threads);
    detail::run_threads(threads, [&](unsigned id) {
      static_cast<void>(thread_number());
      all.arrive_and_wait();
      for (unsigned i = 0; i < stress_rounds(400); ++i) {
        const std::size_t bytes = (i * 37 + id * 11) % 700 + 1;
        const ArenaBlock mine = arena_block(arena, bytes, 16, static_cast<int>(bytes % 256));
        ArenaBlock other{};
        {
          const std::scoped_lock guard(mutex);
          shared.push_back(mine);
          std::swap(shared.back(), shared[i % shared.size()]);
          if (shared.size() > 20) {
            other = shared.back();
            shared.pop_back();
          }
        }
        if (other.memory == nullptr) continue;
        if (!arena_block_holds(other, static_cast<int>(other.bytes % 256))) ++broken;
        free_block(arena, other);
      }
    });
    CHECK(broken == 0);
    for (const ArenaBlock& block : shared) free_block(arena, block);
  }
  CHECK(upstream.bytes_out() == 0);
}

TEST_CASE("an arena whose upstream has no memory left goes on when it has", "[pool][arena_resource]") {
  CountingResource upstream;
  ArenaResource arena({}, &upstream);
  upstream.fail_after(0);
  CHECK_THROWS_AS(arena.allocate(100), std::bad_alloc);
  CHECK_THROWS_AS(arena.allocate(100'000), std::bad_alloc);
  CHECK(arena.chunk_bytes() == 0);
  upstream.never_fail();
  const ArenaBlock block = arena_block(arena, 100, 8, 1);
  CHECK(arena.chunk_bytes() > 0);
  free_block(arena, block);
}

TEST_CASE("an arena refuses chunks that cannot be", "[pool][arena_resource]") {
  CHECK_THROWS_WITH(
      ArenaResource({.first_chunk_bytes = 100}),
      "arena resource: first_chunk_bytes must be between 16384 and largest_chunk_bytes, got 100");
  CHECK_THROWS_WITH(
      ArenaResource({.first_chunk_bytes = 65'536, .largest_chunk_bytes = 32'768}),
      "arena resource: first_chunk_bytes must be between 16384 and largest_chunk_bytes, got 65536");
  CHECK_THROWS_WITH(ArenaResource({.largest_chunk_bytes = std::size_t{1} << 31}),
                    "arena resource: largest_chunk_bytes must be at most 1073741824, got 2147483648");
}

TEST_CASE("an arena is equal to itself alone", "[pool][arena_resource]") {
  const ArenaResource one;
  const ArenaResource other;
  CHECK(one.is_equal(one));
  CHECK_FALSE(one.is_equal(other));
}

}  // namespace
}  // namespace crosstalk::pool
