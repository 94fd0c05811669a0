// The memory model of C++20 as far as it orders: what happens before what, by vector clocks; memory orders, fences and release
// sequences respected, so that a missing release is found although x86 would forgive it.
//
// Values are sequentially consistent unless Runtime::stale_reads: then a load may also return one of the last stores that
// happens-before, coherence and the order of seq_cst operations allow. Not modelled: what needs a load to read from its own
// future (load buffering), and consume, which is taken for acquire.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// For what synchronizes by blocking: an unlock and the next lock.
void acquire(Address address) noexcept;
void release(Address address) noexcept;

// An atomic operation, after its scheduling point. `order` as the compiler passes it: 0 relaxed, 1 consume, 2 acquire, 3 release,
// 4 acq_rel, 5 seq_cst. `value` is what memory held before.
[[nodiscard]] std::uint64_t atomic_load(Address address, std::uint64_t value, int order) noexcept;
void atomic_store(Address address, std::uint64_t before, std::uint64_t after, int order) noexcept;
void atomic_change(Address address, std::uint64_t before, std::uint64_t after, int order) noexcept;
// A compare-exchange that failed: a load of the latest value.
void atomic_miss(Address address, std::uint64_t value, int order) noexcept;
void fence(int order) noexcept;
// Only with stale reads: what lies there is another object now.
void note_plain_write(Address address, std::size_t bytes) noexcept;

[[nodiscard]] bool map_memory_model() noexcept;
void begin_memory_model() noexcept;

}  // namespace crosstalk::harness::explore
