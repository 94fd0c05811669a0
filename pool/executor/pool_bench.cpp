// Thread pools on empty tasks: ours and, where they are installed, its peers, in one binary. One item is one task, from being
// handed in to being done. Every pool gets tasks of the same kind in the same four priorities; only `crosstalk` and `heap` honour
// them. `crosstalk` is bounded by its default of 1000 tasks, `crosstalk_deep` by a million; the peers are unbounded.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#if CROSSTALK_HAS_ASIO
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#endif
#if CROSSTALK_HAS_TBB
#include <oneapi/tbb/task_arena.h>
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
#include <concurrentqueue/blockingconcurrentqueue.h>
#endif

#include "pool/cache_line.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint64_t kBatch = 20'000;

// What a task does: it counts on the thread it runs on, as cheaply as can be, so that the end of all can be told.
struct alignas(kCacheLine) BenchTally {
  std::atomic<std::uint64_t> done{0};
};
std::array<BenchTally, 64> bench_tallies;
std::atomic<unsigned> bench_tallies_used{0};

void bench_task() noexcept {
  // relaxed (all): a count that only this thread writes; the submitter only has to see it some time.
  thread_local BenchTally& tally =
      bench_tallies[bench_tallies_used.fetch_add(1, std::memory_order_relaxed) % bench_tallies.size()];
  tally.done.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t bench_done() noexcept {
  std::uint64_t sum = 0;
  // relaxed: see bench_task().
  for (const BenchTally& tally : bench_tallies) sum += tally.done.load(std::memory_order_relaxed);
  return sum;
}

template <unsigned kDepth>
class Ours {
 public:
  explicit Ours(unsigned workers) : pool_(options(workers)) {}
  void post(Priority priority) {
    pool_.post(Task([] { bench_task(); }), priority);
  }
  template <class F>
  void post_function(F f) {
    pool_.post(Task(f));
  }

 private:
  static ThreadPool::Options options(unsigned workers) {
    ThreadPool::Options options = ThreadPool::Options::fixed(workers);
    options.capacity = kDepth;
    return options;
  }
  ThreadPool pool_;
};
using Crosstalk = Ours<1000>;
using CrosstalkDeep = Ours<1'000'000>;

// The textbook's: one mutex, one condition variable, a heap of functions by priority and number.
class Heap {
 public:
  explicit Heap(unsigned workers) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Heap() {
    {
      const std::scoped_lock guard(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void post(Priority priority) {
    push([] { bench_task(); }, priority);
  }
  template <class F>
  void post_function(F f) {
    push(f, Priority::normal);
  }

 private:
  struct Entry {
    Priority priority;
    std::uint64_t number;
    std::function<void()> function;
    bool operator<(const Entry& other) const noexcept {
      return priority != other.priority ? priority > other.priority : number > other.number;
    }
  };
  void push(std::function<void()> function, Priority priority) {
    {
      const std::scoped_lock guard(mutex_);
      entries_.push({priority, numbers_++, std::move(function)});
    }
    changed_.notify_one();
  }
  void work() {
    std::unique_lock guard(mutex_);
    for (;;) {
      changed_.wait(guard, [this] { return ends_ || !entries_.empty(); });
      if (entries_.empty()) return;
      const std::function<void()> function = std::move(const_cast<Entry&>(entries_.top()).function);
      entries_.pop();
      guard.unlock();
      function();
      guard.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Entry> entries_;
  std::uint64_t numbers_ = 0;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

#if CROSSTALK_HAS_ASIO
class Asio {
 public:
  explicit Asio(unsigned workers) : pool_(workers) {}
  ~Asio() { pool_.join(); }
  void post(Priority /*priority*/) {
    boost::asio::post(pool_, [] { bench_task(); });
  }
  template <class F>
  void post_function(F f) {
    boost::asio::post(pool_, f);
  }

 private:
  boost::asio::thread_pool pool_;
};
#endif

#if CROSSTALK_HAS_TBB
class Tbb {
 public:
  explicit Tbb(unsigned workers) : arena_(static_cast<int>(workers), 0) {}
  void post(Priority /*priority*/) {
    arena_.enqueue([] { bench_task(); });
  }
  template <class F>
  void post_function(F f) {
    arena_.enqueue(f);
  }

 private:
  oneapi::tbb::task_arena arena_;
};
#endif

#if CROSSTALK_HAS_CONCURRENTQUEUE
// No priorities, no bound, no statistics: what the queue alone costs.
class Moodycamel {
 public:
  explicit Moodycamel(unsigned workers) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Moodycamel() {
    for (std::size_t i = 0; i < threads_.size(); ++i) queue_.enqueue({});
    for (std::thread& thread : threads_) thread.join();
  }
  void post(Priority /*priority*/) {
    queue_.enqueue([] { bench_task(); });
  }
  template <class F>
  void post_function(F f) {
    queue_.enqueue(f);
  }

 private:
  void work() {
    for (std::function<void()> function;;) {
      queue_.wait_dequeue(function);
      if (!function) return;
      function();
    }
  }
  moodycamel::BlockingConcurrentQueue<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
};
#endif

template <class Pool>
void pool_empty_tasks(benchmark::State& state) {
  Pool pool(static_cast<unsigned>(state.range(0)));
  const auto submitters = static_cast<std::uint64_t>(state.range(1));
  for (auto _ : state) {
    const std::uint64_t target = bench_done() + kBatch * submitters;
    std::vector<std::thread> threads;
    for (std::uint64_t s = 0; s < submitters; ++s) {
      threads.emplace_back([&pool] {
        for (std::uint64_t i = 0; i < kBatch; ++i) pool.post(static_cast<Priority>(i % kPriorities));
      });
    }
    for (auto& thread : threads) thread.join();
    while (bench_done() < target) std::this_thread::yield();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch * submitters));
}

// From handing a task to a pool of which every worker sleeps to its start; a pause of 100 us lets them go to sleep again.
template <class Pool>
void pool_submit_to_start(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  Pool pool(2);
  std::vector<double> seen;
  std::atomic<std::int64_t> started{0};
  for (auto _ : state) {
    const auto quiet = Clock::now() + std::chrono::microseconds(100);
    while (Clock::now() < quiet) cpu_relax();
    // relaxed: set before the task is handed in.
    started.store(0, std::memory_order_relaxed);
    const auto begun = Clock::now();
    // release: pairs with the acquire below.
    pool.post_function(
        [&started] { started.store(Clock::now().time_since_epoch().count(), std::memory_order_release); });
    std::int64_t at = 0;
    // acquire: pairs with the release above.
    while ((at = started.load(std::memory_order_acquire)) == 0) cpu_relax();
    const double seconds = static_cast<double>(at - begun.time_since_epoch().count()) * 1e-9;
    state.SetIterationTime(seconds);
    seen.push_back(seconds);
  }
  std::sort(seen.begin(), seen.end());
  const auto quantile = [&seen](double q) {
    return seen[static_cast<std::size_t>(q * static_cast<double>(seen.size() - 1))] * 1e6;
  };
  state.counters["p50_us"] = quantile(0.5);
  state.counters["p99_us"] = quantile(0.99);
}

#define CROSSTALK_POOL_BENCHMARKS(Pool)      \
  BENCHMARK_TEMPLATE(pool_empty_tasks, Pool) \
      ->ArgNames({"workers", "submitters"})  \
      ->ArgsProduct({{2, 4}, {1, 2, 8}})     \
      ->UseRealTime();                       \
  BENCHMARK_TEMPLATE(pool_submit_to_start, Pool)->UseManualTime()->Iterations(2000)

CROSSTALK_POOL_BENCHMARKS(Crosstalk);
CROSSTALK_POOL_BENCHMARKS(CrosstalkDeep);
CROSSTALK_POOL_BENCHMARKS(Heap);
#if CROSSTALK_HAS_ASIO
CROSSTALK_POOL_BENCHMARKS(Asio);
#endif
#if CROSSTALK_HAS_TBB
CROSSTALK_POOL_BENCHMARKS(Tbb);
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
CROSSTALK_POOL_BENCHMARKS(Moodycamel);
#endif

void strand_tasks(benchmark::State& state) {
  ThreadPool pool(ThreadPool::Options::fixed(2));
  Strand strand(pool);
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kBatch; ++i) strand.post(Task([] {}), Priority::normal);
    pool.wait_idle();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(strand_tasks)->UseRealTime();

void pool_submit_and_get(benchmark::State& state) {
  ThreadPool pool(ThreadPool::Options::fixed(2));
  for (auto _ : state) benchmark::DoNotOptimize(pool.submit([] { return 1; }).get());
}
BENCHMARK(pool_submit_and_get)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
