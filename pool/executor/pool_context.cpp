#include "pool/executor/pool_context.h"

#include "pool/executor/pool_stats.h"
#include "pool/executor/task_errors.h"

namespace crosstalk::pool {

namespace {

constinit thread_local PoolContext this_pool_context;

// Frees what a thread that ends has kept.
struct SpareOwner {
  SpareOwner() noexcept { this_pool_context.spares = PoolContext::Spares::kept; }
  SpareOwner(const SpareOwner&) = delete;
  SpareOwner& operator=(const SpareOwner&) = delete;
  ~SpareOwner() {
    this_pool_context.spares = PoolContext::Spares::gone;
    delete std::exchange(this_pool_context.spare, nullptr);
  }
};

}  // namespace

PoolContext& pool_context() noexcept {
  return this_pool_context;
}

TaskNode* make_node(PoolContext& context) {
  if (context.spares == PoolContext::Spares::untouched) {
    thread_local const SpareOwner owner;
  }
  return new TaskNode;
}

void note_callback_error(std::uint64_t pool_id) noexcept {
  const CallbackBook& book = pool_context().book;
  if (book.counters != nullptr && book.pool_id == pool_id) book.counters->count_callback_error();
}

std::exception_ptr abandonment_error() noexcept {
  switch (pool_context().abandonment) {
    case Abandonment::rejected:
      return error_of<RejectedError>("task: rejected by the pool");
    case Abandonment::dropped:
      return error_of<AbandonedError>("task: dropped from a full queue for a newer one");
    case Abandonment::unrun:
      break;
  }
  return error_of<AbandonedError>("task: destroyed without having run");
}

}  // namespace crosstalk::pool
