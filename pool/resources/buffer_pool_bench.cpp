// The buffer pool against the allocator, each thread with a few blocks in its hands.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <memory>

#include "pool/resources/buffer_pool.h"

namespace crosstalk::pool {
namespace {

constexpr std::size_t kHeld = 8;
constexpr std::size_t kBlockBytes = 4'096;

void buffer_pool_acquire(benchmark::State& state) {
  static BufferPool pool({.block_bytes = kBlockBytes, .blocks_max = 1'024, .checks = BufferChecks::off});
  std::array<Buffer, kHeld> held;
  std::size_t next = 0;
  for (auto _ : state) {
    held[next] = pool.acquire();
    benchmark::DoNotOptimize(held[next].bytes().data());
    next = (next + 1) % kHeld;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void buffer_pool_allocator(benchmark::State& state) {
  std::array<std::unique_ptr<std::byte[]>, kHeld> held;
  std::size_t next = 0;
  for (auto _ : state) {
    held[next].reset(new std::byte[kBlockBytes]);
    benchmark::DoNotOptimize(held[next].get());
    next = (next + 1) % kHeld;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(buffer_pool_acquire)->ThreadRange(1, 4)->UseRealTime();
BENCHMARK(buffer_pool_allocator)->ThreadRange(1, 4)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
