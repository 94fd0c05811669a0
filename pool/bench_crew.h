// For benchmarks of several threads: a crew that works without a pause while another thread counts, in windows of time, what it gets
// done. Google Benchmark's own threads each do a fixed number of iterations, and its times are means over them (1.7): with more
// threads than processors one may do all of its share within a slice of time, before others have started, and then counts as
// fast as if it had had a processor all along; and those that are done leave the rest with less contention. Here all contend in
// all of the time that is measured, whatever their number and however unfair the lock is, and a window ends on time.
#pragma once

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <thread>
#include <vector>

#include "pool/bench_pin.h"
#include "pool/cache_line.h"

namespace crosstalk::pool {

// Counts one worker's turns, and tells it when to stop. Written by that worker, read by the one who measures.
class alignas(kCacheLine) BenchTurns {
 public:
  // Progress: wait-free.
  bool next(const std::atomic<bool>& stopped) noexcept {
    // relaxed (both): nothing but the count and the flag themselves is handed over; only this thread writes the count.
    done_.store(++mine_, std::memory_order_relaxed);
    return !stopped.load(std::memory_order_relaxed);
  }
  // relaxed: see next().
  [[nodiscard]] std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> done_{0};
  std::uint64_t mine_ = 0;
};

// Threads pinned to the processors in turn. Each runs work(thread, more) once, which loops while more() is true: a turn is an
// operation. Not for several threads.
class BenchCrew {
 public:
  template <class Work>
  BenchCrew(unsigned threads, const Work& work)
      : turns_(threads), ready_(static_cast<std::ptrdiff_t>(threads) + 1) {
    for (unsigned thread = 0; thread < threads; ++thread) {
      threads_.emplace_back([this, thread, &work] {
        const BenchPin pin(static_cast<int>(thread));
        ready_.arrive_and_wait();
        work(thread, [this, &turns = turns_[thread]] { return turns.next(stopped_); });
      });
    }
    ready_.arrive_and_wait();
  }
  BenchCrew(const BenchCrew&) = delete;
  BenchCrew& operator=(const BenchCrew&) = delete;
  ~BenchCrew() {
    // relaxed: nothing else is handed over; join() orders the rest.
    stopped_.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] std::uint64_t done() const noexcept {
    std::uint64_t sum = 0;
    for (const BenchTurns& turns : turns_) sum += turns.done();
    return sum;
  }

  // Long enough for the scheduler to have let each run about once.
  [[nodiscard]] std::chrono::milliseconds window() const noexcept {
    return std::chrono::milliseconds(threads_.size() <= 8 ? 50 : 100);
  }

 private:
  std::atomic<bool> stopped_{false};
  std::vector<BenchTurns> turns_;
  std::latch ready_;
  std::vector<std::thread> threads_;
};

inline double bench_process_cpu_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// An iteration is a window; use UseManualTime(). items_per_second are turns of all threads; cpu_ns_per_op is the processor time of
// all of them for a turn, waiting included, and wall_ns_per_op the time over the turns of all.
template <class Work>
void bench_run_crew(benchmark::State& state, unsigned threads, const Work& work) {
  using Clock = std::chrono::steady_clock;
  BenchCrew crew(threads, work);
  std::this_thread::sleep_for(crew.window() /
                              10);  // caches warm, clocks up, the lock's waiters in their places
  std::uint64_t turns = 0;
  double wall_ns = 0;
  double cpu_ns = 0;
  for (auto _ : state) {
    const std::uint64_t turns_before = crew.done();
    const double cpu_before = bench_process_cpu_ns();
    const auto start = Clock::now();
    std::this_thread::sleep_for(crew.window());
    const std::chrono::duration<double> taken = Clock::now() - start;
    cpu_ns += bench_process_cpu_ns() - cpu_before;
    turns += crew.done() - turns_before;
    wall_ns += taken.count() * 1e9;
    state.SetIterationTime(taken.count());
  }
  const double counted = static_cast<double>(std::max<std::uint64_t>(turns, 1));
  state.SetItemsProcessed(static_cast<std::int64_t>(turns));
  state.counters["cpu_ns_per_op"] = cpu_ns / counted;
  state.counters["wall_ns_per_op"] = wall_ns / counted;
}

}  // namespace crosstalk::pool
