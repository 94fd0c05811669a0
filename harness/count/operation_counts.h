// What operations do, as counted in a replay: exact numbers, equal for equal programs. Trivially destructible: it lies in the
// report that parent and child share.
#pragma once

#include <array>
#include <cstdint>

#include "workloads/op.h"

namespace crosstalk::harness::count {

// Sums over the operations of one kind.
struct KindCounts {
  std::uint64_t operations = 0;
  std::uint64_t locks = 0;         // acquisitions of locks that a probe watches, in either mode
  std::uint64_t shared_locks = 0;  // of them, in shared mode
  std::uint64_t allocations = 0;   // by operator new, or from a memory resource, which ends there
  std::uint64_t allocated_bytes = 0;
  std::uint64_t submits = 0;  // tasks handed to a pool
  std::uint64_t wakes = 0;    // calls of the kernel that are to wake a thread

  KindCounts& operator+=(const KindCounts& other) noexcept {
    operations += other.operations;
    locks += other.locks;
    shared_locks += other.shared_locks;
    allocations += other.allocations;
    allocated_bytes += other.allocated_bytes;
    submits += other.submits;
    wakes += other.wakes;
    return *this;
  }
  friend bool operator==(const KindCounts&, const KindCounts&) = default;
};

struct OperationCounts {
  std::array<KindCounts, workloads::kOpKindCount> kinds{};
  bool heap = false;    // allocations could be counted
  bool kernel = false;  // wake-ups could
};

}  // namespace crosstalk::harness::count
