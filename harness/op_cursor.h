// Walks a driver's operations, lap after lap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/op.h"

namespace crosstalk::harness {

class OpCursor {
 public:
  // `lap_ns`: length of a lap; `repeats` false: one lap only.
  OpCursor(const std::vector<workloads::Op>& ops, double lap_ns, bool repeats) noexcept
      : ops_(ops.data()), size_(ops.size()), lap_ns_(lap_ns), repeats_(repeats) {}

  [[nodiscard]] bool at_end() const noexcept { return next_ == size_; }
  // The operation at hand; not at_end().
  [[nodiscard]] const workloads::Op& op() const noexcept { return ops_[next_]; }
  // When it is due, in nanoseconds after the start of the trial.
  [[nodiscard]] double intended_ns() const noexcept { return lap_start_ns_ + ops_[next_].intended_ns; }

  void advance() noexcept {
    if (++next_ < size_ || !repeats_) return;
    next_ = 0;
    ++lap_;
    lap_start_ns_ = static_cast<double>(lap_) * lap_ns_;
  }

 private:
  const workloads::Op* ops_;
  std::size_t size_;
  std::size_t next_ = 0;
  std::uint64_t lap_ = 0;
  double lap_ns_;
  double lap_start_ns_ = 0;
  bool repeats_;
};

}  // namespace crosstalk::harness
