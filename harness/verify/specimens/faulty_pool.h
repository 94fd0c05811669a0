// A thread pool without priorities that can do all that pool_faults.h asks for, with one bug in what it does about faults, or with none.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "harness/verify/pool_faults.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

enum class FaultPoolBug : std::uint8_t {
  none,
  m43_callback_twice,   // a task whose callback throws is counted again
  m44_second_shutdown,  // returns at once, though the first has not ended
  m45_own_queue,        // a worker that posts into its own full queue waits for room
  m46_ghost_thread,     // a thread that could not be had is counted on
  m47_dropped,          // what makes room for another one is not counted
  m48_late_result,      // the result of a task that overran its deadline is told as well
};

class FaultyPool final : public PoolWithFaults, private pool::WorkerPool {
 public:
  FaultyPool(const pool::PoolOptions& options, FaultPoolBug bug);
  ~FaultyPool() override;
  void submit(Watched watched) override;
  std::size_t shutdown_now() override;
  pool::WorkerPool& pool() override { return *this; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Entry {
    pool::Task task{};
    std::optional<Watched> watched{};
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  };

  pool::Admission post(pool::Task task, pool::Priority priority) override;
  void shutdown() override;
  [[nodiscard]] pool::PoolStats stats() const override;

  pool::Admission admit(Entry entry);
  bool make_room(Lock& lock, Entry& entry, pool::Admission& instead);
  void start_thread(Lock& lock);
  void work();
  void run_one(Lock& lock, Entry entry);
  void run_watched(Lock& lock, Entry& entry);
  void call_back(Lock& lock, const std::function<void()>& callback);
  void must_not_be_a_worker() const;

  const pool::PoolOptions options_;
  const FaultPoolBug bug_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::deque<Entry> queue_;
  bool stop_ = false, joining_ = false, ended_ = false;
  unsigned total_ = 0, active_ = 0;
  pool::PoolStats books_;
  std::vector<std::thread> threads_;
};

}  // namespace crosstalk::harness::verify
