// What lock and unlock cost where nobody else wants the lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/calibration.h"
#include "harness/clock.h"

namespace crosstalk::harness {

// Of every lock of pool/builtin.h, in its order: the median over `slices` of at least `slice_ns` each, the loop around
// them included (the null lock shows it). To be called beside another thread: glibc leaves out the atomic instructions of
// a std::mutex in a process that has only one.
[[nodiscard]] std::vector<Calibration::LockCost> measure_lock_costs(const Clock& clock, std::size_t slices,
                                                                    std::uint64_t slice_ns);

}  // namespace crosstalk::harness
