#include "pool/executor/pool_context.h"

#include "pool/executor/pool_worker.h"
#include "pool/executor/task_errors.h"

namespace crosstalk::pool {

PoolContext& pool_context() noexcept {
  thread_local PoolContext context;
  return context;
}

void note_callback_error() noexcept {
  PoolWorker* worker = pool_context().worker;
  if (worker != nullptr) worker->counters.count_callback_error();
}

std::exception_ptr abandonment_error() noexcept {
  switch (pool_context().abandonment) {
    case Abandonment::rejected:
      return std::make_exception_ptr(RejectedError("task: rejected by the pool"));
    case Abandonment::dropped:
      return std::make_exception_ptr(AbandonedError("task: dropped from a full queue for a newer one"));
    case Abandonment::unrun:
      break;
  }
  return std::make_exception_ptr(AbandonedError("task: destroyed without having run"));
}

}  // namespace crosstalk::pool
