// The connection pool: one acquire and return, with a connection for everybody and with one for all. The textbook pool is
// a mutex, a condition variable and a stack: neither fair, nor checked, nor counted.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pool/resources/connection_pool.h"

namespace crosstalk::pool {
namespace {

constexpr int kVisits = 20'000;  // of each thread per iteration

struct BenchWire {
  long uses = 0;
};

class CheckedPool {
 public:
  explicit CheckedPool(std::size_t connections)
      : pool_(
            options(connections), [] { return std::make_unique<BenchWire>(); },
            [](BenchWire& wire) { return wire.uses >= 0; }) {}
  void visit() { ++pool_.acquire()->uses; }

 private:
  static ConnectionPoolOptions options(std::size_t connections) {
    ConnectionPoolOptions options;
    options.min = options.max = connections;
    return options;
  }
  ConnectionPool<BenchWire> pool_;
};

class TextbookPool {
 public:
  explicit TextbookPool(std::size_t connections) : wires_(connections) {
    for (BenchWire& wire : wires_) idle_.push_back(&wire);
  }
  void visit() {
    BenchWire* wire = nullptr;
    {
      std::unique_lock lock(mutex_);
      free_.wait(lock, [this] { return !idle_.empty(); });
      wire = idle_.back();
      idle_.pop_back();
    }
    ++wire->uses;
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(wire);
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<BenchWire> wires_;
  std::vector<BenchWire*> idle_;
};

template <class Pool>
void connection_pool_visit(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  Pool pool(static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) {
    std::vector<std::thread> visitors;
    for (std::size_t i = 0; i < threads; ++i) {
      visitors.emplace_back([&pool] {
        for (int n = 0; n < kVisits; ++n) pool.visit();
      });
    }
    for (std::thread& visitor : visitors) visitor.join();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kVisits);
}

BENCHMARK_TEMPLATE(connection_pool_visit, CheckedPool)
    ->ArgNames({"threads", "connections"})
    ->Args({1, 1})
    ->Args({2, 2})
    ->Args({2, 1})
    ->Args({4, 2})
    ->UseRealTime();
BENCHMARK_TEMPLATE(connection_pool_visit, TextbookPool)
    ->ArgNames({"threads", "connections"})
    ->Args({1, 1})
    ->Args({2, 2})
    ->Args({2, 1})
    ->Args({4, 2})
    ->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
