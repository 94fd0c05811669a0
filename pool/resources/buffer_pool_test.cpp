#include "pool/resources/buffer_pool.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

BufferPoolOptions buffer_options(std::size_t blocks, std::size_t cache = 2) {
  return {.block_bytes = 100,
          .blocks_max = blocks,
          .thread_cache_blocks = std::min(cache, blocks),
          .checks = BufferChecks::on};
}

TEST_CASE("a pool hands out as many blocks as it has, all of them different", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(5));
  std::vector<Buffer> held;
  std::set<std::byte*> blocks;
  for (unsigned i = 0; i < 5; ++i) {
    held.push_back(pool.try_acquire());
    REQUIRE(held.back());
    CHECK(held.back().bytes().size() == 100);
    CHECK(reinterpret_cast<std::uintptr_t>(held.back().bytes().data()) % 64 == 0);
    std::memset(held.back().bytes().data(), static_cast<int>(i), 100);
    blocks.insert(held.back().bytes().data());
  }
  CHECK(blocks.size() == 5);
  CHECK_FALSE(pool.try_acquire());
  for (unsigned i = 0; i < 5; ++i) CHECK(held[i].bytes()[99] == std::byte(i));
  held.pop_back();
  CHECK(pool.try_acquire());
  CHECK(pool.statistics().refused == 1);
}

TEST_CASE("a buffer gives its block back once, wherever it has moved to", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(1));
  Buffer first = pool.acquire();
  Buffer second = std::move(first);
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): what a moved buffer is, is the question
  CHECK(second);
  Buffer third;
  third = std::move(second);
  CHECK(third);
  third.reset();
  third.reset();
  CHECK_FALSE(third);
  CHECK(pool.statistics().acquired == 1);
  CHECK(pool.statistics().released == 1);
  CHECK(pool.statistics().faults == 0);
}

TEST_CASE("waiting for a block ends with the deadline", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(1));
  const Buffer held = pool.acquire();
  CHECK_FALSE(pool.acquire_until(Deadline{}));
  CHECK_FALSE(pool.acquire_until(deadline_in(std::chrono::milliseconds(1))));
  CHECK(pool.statistics().refused == 2);
  CHECK(pool.statistics().waited == 2);
}

TEST_CASE("who waits for a block gets the next one given back", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(1));
  Buffer held = pool.acquire();
  bool got = false;
  std::thread waiter([&] { got = static_cast<bool>(pool.acquire()); });
  while (pool.statistics().waited == 0) std::this_thread::yield();
  held.reset();
  waiter.join();
  CHECK(got);
  CHECK(pool.statistics().out() == 0);
}

TEST_CASE("blocks in the cache of an idle thread are not lost to the others", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(4, 4));
  std::vector<Buffer> all;
  for (unsigned i = 0; i < 4; ++i) all.push_back(pool.acquire());
  all.clear();  // all four are in the cache of this thread now
  std::size_t got = 0;
  std::thread([&] {
    std::vector<Buffer> theirs;
    while (Buffer buffer = pool.try_acquire()) theirs.push_back(std::move(buffer));
    got = theirs.size();
  }).join();
  CHECK(got == 4);
  CHECK(pool.statistics().stolen == 4);
}

TEST_CASE("a thread that ends gives its cache back", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(4, 4));
  std::thread([&] {
    std::vector<Buffer> all;
    for (unsigned i = 0; i < 4; ++i) all.push_back(pool.acquire());
  }).join();
  CHECK(pool.statistics().threads == 0);
  std::vector<Buffer> all;
  while (Buffer buffer = pool.try_acquire()) all.push_back(std::move(buffer));
  CHECK(all.size() == 4);
  CHECK(pool.statistics().stolen == 0);
}

TEST_CASE("more threads than caches share what is left", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(4));
  std::atomic<bool> leave{false};
  std::atomic<unsigned> done{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 70; ++i) {
    threads.emplace_back([&] {
      pool.acquire().reset();
      ++done;
      while (!leave) std::this_thread::yield();
    });
    while (done <= i) std::this_thread::yield();
  }
  const std::size_t caches = pool.statistics().threads;
  leave = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(caches == 64);
  CHECK(pool.statistics().acquired == 70);
  CHECK(pool.statistics().released == 70);
  CHECK(pool.statistics().threads == 0);
}

TEST_CASE("a block given back twice is found and not handed out twice", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(2));
  std::byte* const block = pool.acquire().detach();
  pool.give_back(block);
  CHECK_THROWS_AS(pool.give_back(block), std::logic_error);
  CHECK(pool.statistics().faults == 1);
  const Buffer first = pool.try_acquire();
  const Buffer second = pool.try_acquire();
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(pool.try_acquire());
}

TEST_CASE("a buffer whose block somebody else gave back is found", "[pool][buffer_pool]") {
  std::vector<BufferFaultReport> told;
  BufferPoolOptions options = buffer_options(2);
  options.on_fault = [&](const BufferFaultReport& fault) {
    told.push_back(fault);
    throw 42;  // is lost
  };
  BufferPool pool(options);
  {
    const Buffer buffer = pool.acquire();
    pool.give_back(buffer.bytes().data());
  }
  REQUIRE(told.size() == 1);
  CHECK(told[0].fault == BufferFault::double_release);
  CHECK(told[0].count == 1);
  CHECK(to_string(told[0].fault) == "given back twice");
}

TEST_CASE("a pointer that is no block of the pool is refused, with checks off too", "[pool][buffer_pool]") {
  BufferPoolOptions options = buffer_options(2);
  options.checks = BufferChecks::off;
  BufferPool pool(options);
  CHECK_FALSE(pool.checked());
  std::byte foreign{};
  CHECK_THROWS_AS(pool.give_back(&foreign), std::logic_error);
  CHECK_THROWS_AS(pool.give_back(nullptr), std::logic_error);
  const Buffer buffer = pool.acquire();
  CHECK_THROWS_AS(pool.give_back(buffer.bytes().data() + 1), std::logic_error);
  CHECK(pool.statistics().out() == 1);
  CHECK(pool.statistics().faults == 3);
}

TEST_CASE("a block written to after it was given back is found when it is handed out next",
          "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(1));
  Buffer buffer = pool.acquire();
  std::byte* const late = buffer.bytes().data();
  buffer.reset();
  late[99] = std::byte{1};
  CHECK_THROWS_AS(pool.acquire(), std::logic_error);
  CHECK(pool.statistics().faults == 1);
  CHECK(pool.acquire());  // nothing is lost
}

TEST_CASE("buffers that outlive their pool are counted as leaks and stay usable", "[pool][buffer_pool]") {
  std::optional<BufferFaultReport> told;
  BufferPoolOptions options = buffer_options(4);
  options.on_fault = [&](const BufferFaultReport& fault) { told = fault; };
  auto pool = std::make_unique<BufferPool>(options);
  Buffer first = pool->acquire();
  Buffer second = pool->acquire();
  pool.reset();
  REQUIRE(told);
  CHECK(told->fault == BufferFault::leak);
  CHECK(told->count == 2);
  std::memset(first.bytes().data(), 1, first.bytes().size());
  first.reset();
  // And from a thread that has never seen the pool.
  std::thread([buffer = std::move(second)]() mutable { buffer.reset(); }).join();
}

TEST_CASE("a pool may end while threads live that have used it, and another may take its place",
          "[pool][buffer_pool]") {
  std::atomic<unsigned> round{0};
  std::atomic<unsigned> served{0};
  std::unique_ptr<BufferPool> pool;
  std::thread user([&] {
    for (unsigned n = 1; n <= 20; ++n) {
      while (round < n) std::this_thread::yield();
      pool->acquire().reset();
      ++served;
    }
  });
  for (unsigned n = 1; n <= 20; ++n) {
    pool = std::make_unique<BufferPool>(buffer_options(3));
    ++round;
    while (served < n) std::this_thread::yield();
  }
  pool.reset();
  user.join();
  CHECK(served == 20);
}

// Destroyed after what the pool keeps in the thread: the order of construction turned round.
struct LateBuffer {
  Buffer buffer;
};

TEST_CASE("a buffer given back at the very end of its thread comes home", "[pool][buffer_pool]") {
  BufferPool pool(buffer_options(2));
  std::thread([&] {
    thread_local LateBuffer late;
    late.buffer = pool.acquire();
  }).join();
  CHECK(pool.statistics().out() == 0);
  const Buffer first = pool.try_acquire();
  const Buffer second = pool.try_acquire();
  CHECK(second);
}

TEST_CASE("a pool that cannot be is refused with bound and value", "[pool][buffer_pool]") {
  CHECK_THROWS_WITH(BufferPool({.block_bytes = 0}), "buffer pool: block_bytes must be at least 1, got 0");
  CHECK_THROWS_WITH(BufferPool({.blocks_max = 0}),
                    "buffer pool: blocks_max must be between 1 and 2147483648, got 0");
  CHECK_THROWS_WITH(BufferPool({.blocks_max = 4, .thread_cache_blocks = 5}),
                    "buffer pool: thread_cache_blocks must be at most blocks_max, got 5");
  CHECK_THROWS_AS(BufferPool({.block_bytes = ~std::size_t{0}}), std::invalid_argument);
}

// Who holds a block writes its name into it and finds it there at the end.
TEST_CASE("no block has two owners, and all come home, however threads take, pass on and give back",
          "[pool][buffer_pool][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    BufferPoolOptions options = buffer_options(3 + round % 4, round % 3);
    if (round % 2 == 0) options.checks = BufferChecks::off;
    auto pool = std::make_unique<BufferPool>(options);
    std::atomic<unsigned> broken{0};
    std::vector<std::thread> threads;
    for (unsigned id = 0; id < 4; ++id) {
      threads.emplace_back([&, id] {
        Buffer kept;
        for (unsigned n = 0; n < 500; ++n) {
          // At most two for each, and one waits only while it has none: nobody waits for ever.
          if (n % 7 == id) kept.reset();
          Buffer buffer = n % 3 == 0 ? pool->try_acquire()
                          : kept     ? pool->acquire_until(deadline_in(std::chrono::microseconds(n % 5)))
                                     : pool->acquire();
          if (!buffer) continue;
          const unsigned name = id * 1000 + n;
          std::memcpy(buffer.bytes().data(), &name, sizeof name);
          if (n % 16 == 0) std::this_thread::yield();
          unsigned found = 0;
          std::memcpy(&found, buffer.bytes().data(), sizeof found);
          if (found != name) ++broken;
          if (n % 5 == 0) kept = std::move(buffer);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(broken == 0);
    REQUIRE(pool->statistics().faults == 0);
    REQUIRE(pool->statistics().out() == 0);
    std::vector<Buffer> all;
    while (Buffer buffer = pool->try_acquire()) all.push_back(std::move(buffer));
    REQUIRE(all.size() == options.blocks_max);
  }
}

TEST_CASE("every block finds home when threads give back beside the end of the pool",
          "[pool][buffer_pool][stress]") {
  for (unsigned round = 0; round < stress_rounds(150); ++round) {
    std::atomic<std::size_t> leaked{0};
    BufferPoolOptions options = buffer_options(8, 2);
    options.on_fault = [&](const BufferFaultReport& fault) { leaked += fault.count; };
    auto pool = std::make_unique<BufferPool>(options);
    std::atomic<unsigned> ready{0};
    std::array<std::thread, 3> threads;
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        Buffer first = pool->acquire();
        Buffer second = pool->acquire();
        ++ready;
        first.reset();
        if (round % 2 == 0) std::this_thread::yield();
        second.reset();
      });
    }
    while (ready < threads.size()) std::this_thread::yield();
    pool.reset();
    for (std::thread& thread : threads) thread.join();
    REQUIRE(leaked <= 6);
  }
}

}  // namespace
}  // namespace crosstalk::pool
