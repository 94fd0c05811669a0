// A worker of a thread pool: the record of one thread, and of its successors in the same place.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "pool/cache_line.h"
#include "pool/executor/future.h"
#include "pool/executor/pool_context.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::pool {

struct alignas(kCacheLine) PoolWorker {
  explicit PoolWorker(unsigned place) noexcept : index(place) {}

  enum class Life : std::uint8_t { none, running, ended };

  // The worker's own.
  TaskCounters counters;
  std::uint64_t tick = 0;     // the end of its last task, or when it found the present one
  TaskNode* freed = nullptr;  // nodes of tasks that it ran, to be given back
  TaskNode* freed_last = nullptr;
  std::size_t freed_count = 0;
  bool resting = true;    // not counted as busy
  bool searched = false;  // has searched since it last had a task or was woken

  // Guarded by the pool's inlet lock, but for `word`, on which it sleeps.
  alignas(kCacheLine) std::atomic<std::uint32_t> word{1};  // 0: sleeps, or is about to
  bool searching = false;                                  // it is the one that looks for work
  bool starting = false;                                   // it has not looked for any yet
  PoolWorker* below = nullptr;                             // in the stack of sleepers
  Life life = Life::none;

  // Guarded by the pool's outlet lock.
  FutureState* awaited = nullptr;  // what its task waits for without a limit
  PoolWorker* next_waiting = nullptr;
  bool deadlocked = false;  // that wait is to end with an error

  // Guarded by the pool's threads_lock_.
  const unsigned index;
  std::thread thread;
};

}  // namespace crosstalk::pool
