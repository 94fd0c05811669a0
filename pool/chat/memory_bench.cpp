// Where a server's memory comes from: operator new, ArenaResource, and the pools of the standard library over one growing
// buffer. Threads share a server; each has clients of its own.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <vector>

#include "pool/bench_pin.h"
#include "pool/chat/sharded_server.h"
#include "pool/locks/ttas_lock.h"
#include "pool/resources/arena_resource.h"

namespace crosstalk::pool {
namespace {

class SystemMemory {
 public:
  std::pmr::memory_resource* get() noexcept { return std::pmr::new_delete_resource(); }
};
class ArenaMemory {
 public:
  std::pmr::memory_resource* get() noexcept { return &arena_; }

 private:
  ArenaResource arena_;
};
class StandardPools {
 public:
  std::pmr::memory_resource* get() noexcept { return &pools_; }

 private:
  std::pmr::monotonic_buffer_resource buffer_{std::size_t{4} << 20};
  std::pmr::synchronized_pool_resource pools_{&buffer_};
};

constexpr std::uint32_t kBenchRooms = 64;
constexpr std::uint32_t kBenchThreads = 2;
constexpr std::uint32_t kBenchBacklog = 128;  // an inbox fills from 0 to this

// Each thread has its own half of the clients and of the rooms; shards it may share.
template <class Memory>
class MemoryBench {
 public:
  explicit MemoryBench(std::uint32_t clients_each) : clients_(clients_each) {
    for (std::uint32_t i = 0; i < kBenchThreads; ++i) parts_.push_back({i, server_.make_caller()});
    for (Part& part : parts_) {
      for (std::uint32_t i = 0; i < clients_; ++i) server_.connect(part.caller, client(part, i));
    }
  }

  // All of a thread's clients join its first room, and post until the inboxes have their size.
  void fill_rooms() {
    for (Part& part : parts_) {
      for (std::uint32_t i = 0; i < clients_; ++i) server_.join(part.caller, client(part, i), room(part, 0));
      for (std::uint32_t i = 0; i < 4 * kBenchBacklog; ++i) post(part);
    }
  }

  // One post, and the receives that are due. Returns how many deliveries were received.
  std::uint64_t post(int thread) { return post(parts_[static_cast<std::size_t>(thread)]); }

  // The next client joins a room, and leaves the one that it joined four laps ago.
  void churn(int thread) {
    Part& part = parts_[static_cast<std::size_t>(thread)];
    const std::uint32_t lap = part.turn / clients_;
    const ClientId mine = client(part, part.turn++ % clients_);
    server_.join(part.caller, mine, room(part, mine + lap + 4));
    server_.leave(part.caller, mine, room(part, mine + lap));
  }

  // The next client's stay ends, and another one begins: four rooms, eight messages in the inbox.
  void stay(int thread) {
    Part& part = parts_[static_cast<std::size_t>(thread)];
    const ClientId mine = client(part, part.turn++ % clients_);
    server_.disconnect(part.caller, mine);
    server_.connect(part.caller, mine);
    for (std::uint32_t i = 0; i < 4; ++i) server_.join(part.caller, mine, room(part, mine + i));
    for (std::uint32_t i = 0; i < 8; ++i) server_.direct(part.caller, mine, mine, i, 100);
  }

 private:
  struct alignas(kCacheLine) Part {
    std::uint32_t index;
    Caller caller;
    std::uint32_t turn = 0;
    std::uint32_t receiver = 0;
    std::uint32_t credit = 0;
  };

  std::uint64_t post(Part& part) {
    std::uint64_t received = 0;
    const auto take = [&](const Delivery*, std::size_t count) { received += count; };
    const ClientId poster = client(part, part.turn++ % clients_);
    part.credit += server_.post(part.caller, poster, room(part, 0), 0, 100).recipients;
    for (; part.credit >= kBenchBacklog; part.credit -= kBenchBacklog) {
      server_.receive(part.caller, client(part, part.receiver++ % clients_), take);
    }
    return received;
  }
  [[nodiscard]] ClientId client(const Part& part, std::uint32_t i) const { return part.index * clients_ + i; }
  [[nodiscard]] static RoomId room(const Part& part, std::uint32_t i) {
    constexpr std::uint32_t kEach = kBenchRooms / kBenchThreads;
    return part.index * kEach + i % kEach;
  }

  std::uint32_t clients_;
  Memory memory_;
  ShardedServer<TtasLock> server_{
      ServerOptions{.clients = kBenchThreads * clients_, .rooms = kBenchRooms, .memory = memory_.get()}};
  std::vector<Part> parts_;
};

// Thread 0 makes the server before the threads meet at the first iteration, and removes it after the last.
template <class Memory>
std::unique_ptr<MemoryBench<Memory>>& memory_bench() {
  static std::unique_ptr<MemoryBench<Memory>> bench;
  return bench;
}

// Every thread posts in a room of its own. Items are deliveries received.
template <class Memory>
void memory_post(benchmark::State& state) {
  const BenchPin pin(state.thread_index());
  auto& bench = memory_bench<Memory>();
  if (state.thread_index() == 0) {
    bench = std::make_unique<MemoryBench<Memory>>(static_cast<std::uint32_t>(state.range(0)));
    bench->fill_rooms();
  }
  std::uint64_t received = 0;
  for (auto _ : state) received += bench->post(state.thread_index());
  state.SetItemsProcessed(static_cast<std::int64_t>(received));
  if (state.thread_index() == 0) bench.reset();
}

template <class Memory>
void memory_churn(benchmark::State& state) {
  const BenchPin pin(state.thread_index());
  auto& bench = memory_bench<Memory>();
  if (state.thread_index() == 0) bench = std::make_unique<MemoryBench<Memory>>(1024);
  for (auto _ : state) bench->churn(state.thread_index());
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) bench.reset();
}

template <class Memory>
void memory_stay(benchmark::State& state) {
  const BenchPin pin(state.thread_index());
  auto& bench = memory_bench<Memory>();
  if (state.thread_index() == 0) bench = std::make_unique<MemoryBench<Memory>>(1024);
  for (auto _ : state) bench->stay(state.thread_index());
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) bench.reset();
}

BENCHMARK_TEMPLATE(memory_post, SystemMemory)->Arg(10)->Arg(1'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_post, ArenaMemory)->Arg(10)->Arg(1'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_post, StandardPools)->Arg(10)->Arg(1'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_churn, SystemMemory)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_churn, ArenaMemory)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_churn, StandardPools)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_stay, SystemMemory)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_stay, ArenaMemory)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_TEMPLATE(memory_stay, StandardPools)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
