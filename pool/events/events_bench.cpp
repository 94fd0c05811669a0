// The event bus over numbers of subscribers and kinds of dispatch, beside other ways to call many. One item is one
// callback; each adds to a counter on a line of its own.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#if __has_include(<boost/signals2.hpp>)
#include <boost/signals2.hpp>
#define CROSSTALK_BENCH_SIGNALS2 1
#endif

#include "pool/events/event_bus.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

struct alignas(64) BusBenchCounter {
  std::uint64_t value = 0;
};
using BusBenchCounters = std::vector<BusBenchCounter>;

auto bus_bench_callback(BusBenchCounter& counter) {
  return [&counter](const std::uint64_t& event) { counter.value += event; };
}

void bus_bench_items(benchmark::State& state, std::size_t each) {
  const auto items = static_cast<std::int64_t>(each) * static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(items);
  state.counters["per_callback"] = benchmark::Counter(
      static_cast<double>(items), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class Wrap>
void bus_inlined_with(benchmark::State& state, Wrap&& wrap) {
  const Topic<std::uint64_t> topic("room");
  EventBus bus;
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  std::vector<EventBus::Token> tokens;
  for (auto& counter : counters) tokens.push_back(bus.subscribe(topic, wrap(bus_bench_callback(counter))));
  for (auto _ : state) benchmark::DoNotOptimize(bus.publish(topic, 1));
  bus_bench_items(state, counters.size());
}

void bus_inlined(benchmark::State& state) {
  bus_inlined_with(state, [](auto callback) { return callback; });
}
void bus_inlined_std_function(benchmark::State& state) {
  bus_inlined_with(
      state, [](auto callback) { return std::function<void(const std::uint64_t&)>(std::move(callback)); });
}

void bus_nobody(benchmark::State& state) {
  const Topic<std::uint64_t> topic("room");
  const Topic<std::uint64_t> empty("a room without anybody");
  EventBus bus;
  const auto token = bus.subscribe(topic, [](std::uint64_t) {});
  for (auto _ : state) benchmark::DoNotOptimize(bus.publish(empty, 1));
}

void bus_pooled(benchmark::State& state) {
  const Topic<std::uint64_t> topic("room");
  ThreadPool pool({});
  EventBus bus({.executor = &pool});
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  std::vector<EventBus::Token> tokens;
  for (auto& counter : counters) {
    tokens.push_back(bus.subscribe(topic, bus_bench_callback(counter), Dispatch::pooled));
  }
  const auto burst = static_cast<std::size_t>(state.range(1));
  for (auto _ : state) {
    for (std::size_t i = 0; i < burst; ++i) bus.publish(topic, 1);
    pool.wait_idle();
  }
  bus_bench_items(state, counters.size() * burst);
}

void bus_thread(benchmark::State& state) {
  const Topic<std::uint64_t> topic("room");
  EventBus bus;
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  std::vector<EventBus::Token> tokens;
  for (auto& counter : counters) {
    tokens.push_back(bus.subscribe(topic, bus_bench_callback(counter), Dispatch::thread));
  }
  for (auto _ : state) {
    bus.publish(topic, 1);
    while (bus.stats().live_threads > 0) std::this_thread::yield();
  }
  bus_bench_items(state, counters.size());
}

void bus_subscribe_unsubscribe(benchmark::State& state) {
  const Topic<std::uint64_t> topic("room");
  EventBus bus;
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)) + 1);
  std::vector<EventBus::Token> tokens;
  for (std::size_t i = 1; i < counters.size(); ++i) {
    tokens.push_back(bus.subscribe(topic, bus_bench_callback(counters[i])));
  }
  for (auto _ : state) {
    const auto token = bus.subscribe(topic, bus_bench_callback(counters[0]));
    benchmark::DoNotOptimize(token.subscribed());
  }
  state.SetItemsProcessed(state.iterations());
}

// A list of functions, copied under a lock for each event.
void peer_copied_vector(benchmark::State& state) {
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  std::mutex mutex;
  std::vector<std::function<void(const std::uint64_t&)>> list;
  for (auto& counter : counters) list.emplace_back(bus_bench_callback(counter));
  for (auto _ : state) {
    std::unique_lock guard(mutex);
    const auto copy = list;
    guard.unlock();
    for (const auto& callback : copy) callback(1);
  }
  bus_bench_items(state, counters.size());
}

// The chapter's: a thread for each callback, here at least joined.
void peer_thread_each(benchmark::State& state) {
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  std::vector<std::thread> threads;
  for (auto _ : state) {
    for (auto& counter : counters) {
      threads.emplace_back([callback = bus_bench_callback(counter)] { callback(1); });
    }
    for (auto& thread : threads) thread.join();
    threads.clear();
  }
  bus_bench_items(state, counters.size());
}

#ifdef CROSSTALK_BENCH_SIGNALS2
void peer_signals2(benchmark::State& state) {
  BusBenchCounters counters(static_cast<std::size_t>(state.range(0)));
  boost::signals2::signal<void(const std::uint64_t&)> signal;
  for (auto& counter : counters) signal.connect(bus_bench_callback(counter));
  for (auto _ : state) signal(1);
  bus_bench_items(state, counters.size());
}
BENCHMARK(peer_signals2)->Arg(1)->Arg(100)->Arg(1'000)->Arg(10'000);
#endif

BENCHMARK(bus_inlined)->Arg(1)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK(bus_inlined_std_function)->Arg(1)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK(peer_copied_vector)->Arg(1)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK(bus_nobody);
BENCHMARK(bus_pooled)
    ->ArgNames({"subscribers", "burst"})
    ->Args({1'000, 1})
    ->Args({1'000, 100})
    ->UseRealTime();
BENCHMARK(bus_subscribe_unsubscribe)->Arg(0)->Arg(1'000)->UseRealTime();
BENCHMARK(bus_thread)->Arg(100)->UseRealTime();
BENCHMARK(peer_thread_each)->Arg(100)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
