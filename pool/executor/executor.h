// What a strand needs of a thread pool, and what else a harness does: one virtual call per task, the same for every pool that
// is compared.
#pragma once

#include <cstdint>

#include "pool/executor/task.h"

namespace crosstalk::pool {

enum class Priority : std::uint8_t { urgent, high, normal, low };
inline constexpr unsigned kPriorities = 4;

// What became of a task handed in.
enum class Admission : std::uint8_t {
  accepted,    // queued; it will run
  caller_ran,  // the queue was full and the caller ran it
  rejected,    // the queue was full, or the pool is shut down: it never runs
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Hands the task over. May block where the pool's policy says so. Thread-safe.
  virtual Admission post(Task task, Priority priority) = 0;
};

struct PoolStats;  // pool_stats.h

// An executor with threads of its own, which can be chosen at run time. While a thread of it runs a task,
// ThreadPool::current_worker() is its index.
class WorkerPool : public Executor {
 public:
  // Takes nothing more from outside, runs what is queued, and ends the threads. Idempotent.
  virtual void shutdown() = 0;
  [[nodiscard]] virtual PoolStats stats() const = 0;
};

}  // namespace crosstalk::pool
