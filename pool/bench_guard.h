// For benchmarks: what locks and cells, ours and other people's, are measured by. All of them guard the same data and do the same
// work, so that rows differ in the mechanism alone.
//
//   ROLE/NAME of a row   own, peer (the standard library's among them) or ceiling (no lock at all)
//   guard_alone          one thread, nothing to do: what a read or a write costs
//   guard_mix            threads that each time read or write, as chance has it (reads per cent), with `inside` ns of work while they
//                        hold the lock, and work of 0 to 2 x `outside` ns, at random, before the next turn: equal steps would let
//                        threads fall into a rhythm. scaled:1 multiplies `outside` by the threads, as Abseil's benchmark does:
//                        without that, a lock that blocks everybody else wins by letting one thread run alone.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pool/bench_crew.h"
#include "pool/bench_work.h"
#include "pool/cell.h"

namespace crosstalk::pool {

struct BenchPair {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// The same for threads that no lock keeps apart: every access is to the shared line, and none is a data race.
struct BenchOpenPair {
  class Word {
   public:
    // relaxed (all): the cost of sharing the line is what is wanted; the value means nothing.
    operator std::uint64_t() const noexcept { return value_.load(std::memory_order_relaxed); }
    Word& operator=(std::uint64_t value) noexcept {
      value_.store(value, std::memory_order_relaxed);
      return *this;
    }

   private:
    std::atomic<std::uint64_t> value_{0};
  };
  Word first;
  Word second;
};

// A mechanism that keeps nobody apart.
struct BenchUnlocked {
  class Cell {
   public:
    template <class F>
    auto read(F&& f) const {
      return f(data_);
    }
    template <class F>
    auto write(F&& f) {
      return f(data_);
    }

   private:
    BenchOpenPair data_;
  };
};

template <class M>
struct BenchCellFor {
  using Type = CellOf<M, BenchPair>;
};
template <>
struct BenchCellFor<BenchUnlocked> {
  using Type = BenchUnlocked::Cell;
};

// The data with its lock, on cache lines that nobody else writes.
template <class M>
class BenchCell {
 public:
  // The work goes on from `value`, and what comes out is for the work after it: a processor would do two pieces that do not depend on
  // each other at the same time.
  std::uint64_t read(std::uint64_t value, std::uint32_t steps) const {
    return cell_.read([value, steps](const auto& data) -> std::uint64_t {
      return bench_work(value + data.first, steps) + data.second;
    });
  }
  std::uint64_t write(std::uint64_t value, std::uint32_t steps) {
    return cell_.write([value, steps](auto& data) -> std::uint64_t {
      data.first = data.first + 1;
      const std::uint64_t worked = bench_work(value + data.first, steps);
      data.second = data.second + 1;
      return worked;
    });
  }

 private:
  alignas(2 * kCacheLine) typename BenchCellFor<M>::Type cell_;
  char room_after_[2 * kCacheLine] = {};
};

// A second thread, asleep: with one thread alone, the C library takes its locks without atomic instructions.
class BenchSleeper {
 public:
  BenchSleeper() = default;
  BenchSleeper(const BenchSleeper&) = delete;
  BenchSleeper& operator=(const BenchSleeper&) = delete;
  ~BenchSleeper() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;  // guards over_
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_{[this] {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_; });
  }};
};

template <class M>
void guard_alone(benchmark::State& state) {
  const BenchSleeper company;
  const BenchPin pin(0);
  BenchCell<M> cell;
  if (state.range(0) == 0) {
    for (auto _ : state) benchmark::DoNotOptimize(cell.write(0, 0));
  } else {
    for (auto _ : state) benchmark::DoNotOptimize(cell.read(0, 0));
  }
  state.SetItemsProcessed(state.iterations());
}

template <class M>
void guard_mix(benchmark::State& state) {
  const auto threads = static_cast<unsigned>(state.range(0));
  const auto reads = static_cast<std::uint32_t>(state.range(1));
  const std::uint32_t inside = bench_steps(static_cast<double>(state.range(2)));
  const std::int64_t scale = state.range(4) != 0 ? threads : 1;
  const std::uint32_t outside = bench_steps(static_cast<double>(state.range(3) * scale));
  BenchCell<M> cell;
  bench_run_crew(state, threads, [&](unsigned thread, auto more) {
    BenchRandom random(thread);
    std::uint64_t value = thread;
    while (more()) {
      value = random.below(100) < reads ? cell.read(value, inside) : cell.write(value, inside);
      value = bench_work(value, random.below(2 * outside + 1));
    }
    benchmark::DoNotOptimize(value);
  });
  state.counters["step_ns"] = bench_step_ns();
}

// Registers all rows of a mechanism; `shares` are per cent of reads.
template <class M>
void bench_register_guard(std::string_view role, std::string_view name,
                          const std::vector<std::int64_t>& shares) {
  const std::string suffix = "/" + std::string(role) + "/" + std::string(name);
  auto* alone = benchmark::RegisterBenchmark(("guard_alone" + suffix).c_str(), guard_alone<M>);
  alone->ArgName("reads")->Arg(0);
  if (shares.size() > 1) alone->Arg(100);
  auto* mix = benchmark::RegisterBenchmark(("guard_mix" + suffix).c_str(), guard_mix<M>);
  mix->ArgNames({"threads", "reads", "inside", "outside", "scaled"})->UseManualTime();
  mix->ArgsProduct({{1, 2, 4, 16, 64}, shares, {50}, {100}, {0}});
  mix->ArgsProduct({{2, 4, 16, 64}, shares, {50}, {100}, {1}});
}

inline const std::vector<std::int64_t> kBenchReadShares{0, 50, 95, 99, 100};

// The rows of a lock: one without lock_shared() only writes.
template <ExclusiveLock L>
void bench_register_lock(std::string_view role, std::string_view name) {
  bench_register_guard<L>(role, name, SharedLock<L> ? kBenchReadShares : std::vector<std::int64_t>{0});
}

}  // namespace crosstalk::pool
