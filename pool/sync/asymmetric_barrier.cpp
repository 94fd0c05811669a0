#include "pool/sync/asymmetric_barrier.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace crosstalk::pool::detail {

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool kSeenByTools = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kSeenByTools = true;
#else
constexpr bool kSeenByTools = false;
#endif
#else
constexpr bool kSeenByTools = false;
#endif

bool membarrier(int command) noexcept {
  return syscall(SYS_membarrier, command, 0, 0) == 0;
}

}  // namespace

BarrierMode decide_barrier_mode() noexcept {
  // relaxed: every thread that asks gets the same answer from the kernel.
  BarrierMode mode = barrier_mode.load(std::memory_order_relaxed);
  if (mode != BarrierMode::undecided) return mode;
  const bool works = !kSeenByTools && membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
                     membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  mode = works ? BarrierMode::asymmetric : BarrierMode::symmetric;
  set_barrier_mode(mode);
  return mode;
}

void set_barrier_mode(BarrierMode mode) noexcept {
  // relaxed: see barrier_is_asymmetric().
  barrier_mode.store(mode, std::memory_order_relaxed);
}

void heavy_barrier() noexcept {
  if (decide_barrier_mode() != BarrierMode::asymmetric) return;
  if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
  membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);  // not registered here: a process of its own by now
  membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace crosstalk::pool::detail
