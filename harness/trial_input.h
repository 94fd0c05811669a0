// What a trial is given: plain values, prepared by the parent process before it forks.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/clock.h"
#include "harness/repeat.h"
#include "pool/chat/chat_types.h"
#include "pool/executor/thread_pool.h"
#include "workloads/rate_profile.h"
#include "workloads/think_time.h"
#include "workloads/trace.h"

namespace crosstalk::harness {

enum class Path : std::uint8_t { direct, pooled };

// off: nothing is checked, `verified` stays empty. live: the laws, and the reference server on a prefix. full: the
// reference server on the whole of every one-driver direct trial, every received body byte, every member list.
enum class Checks : std::uint8_t { off, live, full };

// Phases of a trial, in order. The parent names the last one reached when a trial crashes or hangs.
enum class Phase : std::uint32_t { prefill, warmup, measure, drain, check, done };

// Where posts are kept and history comes from.
enum class StoreKind : std::uint8_t { memory, sqlite };

struct TrialOptions {
  Path path = Path::direct;
  bool open_loop = false;  // operations wait for their intended instant
  workloads::ThinkTime
      think{};  // closed loop: between an answer and the client's next operation; none: back to back
  std::uint64_t outside_ns = 0;  // direct closed loop without think time: see OutsideWork
  Repeat repeat{};               // closed loop without think time
  std::uint64_t seed = 0;        // of think times, outside work and repeats
  bool latency = true;           // false: no clock reading per operation (closed loop only)
  Checks checks = Checks::live;
  std::uint64_t warmup_ns = 0;
  std::uint64_t duration_ns = 0;  // length of the measured phase; 0: until `operations` are done
  std::uint64_t operations =
      0;  // exactly this many in the measured phase, over all drivers; 0: see duration_ns
  std::uint64_t interval_ns = 0;   // slices of intervals.csv
  bool spin = true;                // drivers may spin towards an instant: each has a processor of its own
  unsigned workers = 0;            // pooled, path or dispatch
  unsigned inflight = 0;           // pooled closed loop: requests under way, over all drivers
  std::size_t queue_capacity = 0;  // pooled
  pool::QueuePolicy queue_policy = pool::QueuePolicy::block;
  pool::CounterKind counter = pool::CounterKind::locked;
  pool::Dispatch dispatch = pool::Dispatch::inlined;
  StoreKind store = StoreKind::memory;
  std::uint64_t checkpoint_limit = 0;  // one driver, direct: digest this many operations at most
  bool arena = true;                   // the server's memory comes from an arena of the trial
  bool anatomy = false;                // measure lock waits and holds too
  bool check_cost = false;             // instead of a trial: measure_check_cost()
  bool live = false;                   // closed slices are shown to the parent while the trial runs
  bool steady = false;  // end the warm-up as soon as throughput is steady; warmup_ns is the longest
  bool count = false;   // instead of a trial: count::count_operations()
  std::uint64_t heap_pad_bytes = 0;  // memory taken before the server is built, against layout luck

  [[nodiscard]] bool thinks() const noexcept { return think.law != workloads::ThinkLaw::none; }
};

struct TrialInput {
  const workloads::Trace* trace = nullptr;
  const std::vector<std::vector<workloads::Op>>* drivers = nullptr;  // split_by_driver(*trace, n)
  // How the rate of an open loop changes, warm-up included; null: not at all. The trace then has `lap_rate_ops_s`.
  const workloads::RateProfile* profile = nullptr;
  double lap_rate_ops_s = 0;
  TrialOptions options;
  Clock clock = Clock::steady();
  double outside_steps_per_ns = 1;  // see OutsideWork::steps_per_ns()
  std::vector<int> driver_cpus;     // one a driver; empty: not pinned
  std::vector<int> worker_cpus;
  // The executor of the pooled path; null: pool::ThreadPool.
  std::unique_ptr<pool::WorkerPool> (*make_pool)(const pool::PoolOptions&) = nullptr;
  std::string folder;  // empty, and the trial's own, for what is kept on disk; needed by StoreKind::sqlite
  const std::atomic<bool>* stop = nullptr;  // set by a signal: end the phase at hand, keep what was measured
  void (*on_phase)(Phase) = nullptr;        // called by one thread as each phase begins; may be null
};

}  // namespace crosstalk::harness
