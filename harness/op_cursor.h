// Walks a driver's operations, lap after lap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/op.h"
#include "workloads/rate_profile.h"

namespace crosstalk::harness {

class OpCursor {
 public:
  // `lap_ns`: length of a lap; `repeats` false: one lap only. With a profile, which must outlive the cursor, the instants
  // of the laps, at `lap_rate_ops_s`, only count the operations; when they are due the profile says.
  OpCursor(const std::vector<workloads::Op>& ops, double lap_ns, bool repeats,
           const workloads::RateProfile* profile = nullptr, double lap_rate_ops_s = 0) noexcept
      : ops_(ops.data()),
        size_(ops.size()),
        lap_ns_(lap_ns),
        repeats_(repeats),
        per_ns_(lap_rate_ops_s * 1e-9) {
    if (profile != nullptr) profile_.emplace(*profile);
  }

  [[nodiscard]] bool at_end() const noexcept { return next_ == size_; }
  // The operation at hand; not at_end().
  [[nodiscard]] const workloads::Op& op() const noexcept { return ops_[next_]; }
  // When it is due, in nanoseconds after the start of the trial.
  [[nodiscard]] double intended_ns() noexcept {
    const double lap_ns = lap_start_ns_ + ops_[next_].intended_ns;
    return profile_ ? profile_->instant_ns(lap_ns * per_ns_) : lap_ns;
  }

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
  double per_ns_;
  std::optional<workloads::ProfileCursor> profile_;
};

}  // namespace crosstalk::harness
