// asymmetric_barrier: the barrier between a store and a later load, of which the rare side pays everything. After
// Dice, Huang and Yang, "Asymmetric Dekker synchronization" (2001), over Linux' membarrier(2).
//
//   often:  store mine; light_barrier(); load yours        rarely:  store yours; heavy_barrier(); load mine
//
// At least one side sees the other's store, as if both had a full barrier. light_barrier() is an order for the compiler,
// heavy_barrier() a system call of some microseconds. Where the kernel refuses it (an old one, a filter, an emulator) and
// under ThreadSanitizer, which does not know it, the mode is `symmetric`: heavy_barrier() does nothing, and it is the
// often-run side that must store with seq_cst. A filter of system calls installed after the first bus was made must let
// membarrier through.
//
// Progress: light_barrier() is wait-free, heavy_barrier() as the kernel is.
#pragma once

#include <atomic>
#include <cstdint>

namespace crosstalk::pool::detail {

// While undecided, the often-run side stores with seq_cst too, which is right under either mode of the rare side.
enum class BarrierMode : std::uint8_t { undecided, asymmetric, symmetric };

inline std::atomic<BarrierMode> barrier_mode{BarrierMode::undecided};

// Asks the kernel once. Every rare side calls this before its first heavy_barrier().
BarrierMode decide_barrier_mode() noexcept;

// For tests: nobody may be inside a pass, nor use a bus on another thread.
void set_barrier_mode(BarrierMode mode) noexcept;

[[nodiscard]] inline bool barrier_is_asymmetric() noexcept {
  // relaxed: whoever sees it late stores with seq_cst, which is always right.
  return barrier_mode.load(std::memory_order_relaxed) == BarrierMode::asymmetric;
}

inline void light_barrier() noexcept {
  // seq_cst: for the compiler only; no instruction.
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void heavy_barrier() noexcept;

}  // namespace crosstalk::pool::detail
