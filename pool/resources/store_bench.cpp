// The message store. store_acknowledged: messages per second from the first append to the last acknowledgement, 1,000
// rooms. store_append_call: the CPU time that an append takes on its caller's thread, while the queue has space and the
// writer runs. store_history: the last 50 messages of a room. The file is in the folder for temporary files (TMPDIR).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/message_store.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint64_t kBenchRooms = 1000;

// A store in a folder of its own, and the next sequence.
struct BenchStore {
  explicit BenchStore(Durability durability, std::size_t queue_bytes = std::size_t{4} << 20) {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder = name;
    MessageStoreOptions options;
    options.path = (folder / "chat.db").string();
    options.durability = durability;
    options.queue_bytes = queue_bytes;
    store = std::make_unique<MessageStore>(options);
  }
  ~BenchStore() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  // Each thread has rooms of its own; its messages go round them.
  void append(std::uint64_t thread, std::uint64_t n, const std::string& body) {
    store->append({.room = static_cast<RoomId>(thread * kBenchRooms + n % kBenchRooms),
                   .sender = static_cast<ClientId>(thread),
                   .sequence = n / kBenchRooms + 1,
                   .time_ns = static_cast<std::int64_t>(n),
                   .body = body.data(),
                   .bytes = static_cast<std::uint32_t>(body.size())});
  }

  std::filesystem::path folder;
  std::unique_ptr<MessageStore> store;
};

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// All threads append `count` messages from number `first` on. Returns the CPU time that took, all threads together.
double append_from(BenchStore& bench, std::uint64_t threads, std::uint64_t first, std::uint64_t count,
                   const std::string& body) {
  std::vector<std::thread> callers;
  std::vector<double> cpu_s(threads);
  for (std::uint64_t thread = 0; thread < threads; ++thread) {
    callers.emplace_back([&, thread] {
      const double start_s = thread_cpu_s();
      for (std::uint64_t n = first; n < first + count; ++n) bench.append(thread, n, body);
      cpu_s[thread] = thread_cpu_s() - start_s;
    });
  }
  for (std::thread& caller : callers) caller.join();
  return std::accumulate(cpu_s.begin(), cpu_s.end(), 0.0);
}

void store_acknowledged(benchmark::State& state) {
  const auto threads = static_cast<std::uint64_t>(state.range(1));
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  BenchStore bench(static_cast<Durability>(state.range(2)));
  constexpr std::uint64_t kMessages = 100'000;
  std::uint64_t next = 0;
  for (auto _ : state) {
    append_from(bench, threads, next, kMessages / threads, body);
    bench.store->flush();
    next += kMessages / threads;
  }
  const MessageStoreStats stats = bench.store->stats();
  if (stats.failed > 0) state.SkipWithError("some messages were not acknowledged");
  state.SetItemsProcessed(static_cast<std::int64_t>(threads * next));
  state.counters["per_batch"] = static_cast<double>(stats.acknowledged) / static_cast<double>(stats.batches);
}
BENCHMARK(store_acknowledged)
    ->ArgNames({"bytes", "threads", "durability"})
    ->Args({100, 1, 1})
    ->Args({100, 2, 1})
    ->Args({100, 2, 0})
    ->Args({100, 2, 2})
    ->Args({1000, 2, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void store_append_call(benchmark::State& state) {
  const auto threads = static_cast<std::uint64_t>(state.range(0));
  const std::string body(100, 'x');
  BenchStore bench(Durability::none, std::size_t{64} << 20);
  constexpr std::uint64_t kEach = 20'000;  // fits into the queue, so that nobody waits
  std::uint64_t next = 0;
  for (int half = 0; half < 2; ++half) {  // the first touch of the queue's memory is not the question
    append_from(bench, threads, next, kEach, body);
    bench.store->flush();
    next += kEach;
  }
  for (auto _ : state) {
    const double cpu_s = append_from(bench, threads, next, kEach, body);
    state.SetIterationTime(cpu_s / static_cast<double>(threads * kEach));
    bench.store->flush();
    next += kEach;
  }
}
BENCHMARK(store_append_call)->ArgName("threads")->Arg(1)->Arg(2)->Arg(4)->UseManualTime()->Iterations(5);

void store_history(benchmark::State& state) {
  BenchStore bench(Durability::none);
  append_from(bench, 1, 0, 100'000, std::string(100, 'x'));
  bench.store->flush();
  RoomId room = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench.store->history(room, kLastSequence, 50));
    room = (room + 7) % kBenchRooms;
  }
}
BENCHMARK(store_history)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace crosstalk::pool
