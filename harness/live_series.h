// The slices of a trial that are over, for the parent to read while the trial runs. Lies in memory that both share: the
// child writes a slice and then raises the count, the parent reads only what the count says.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace crosstalk::harness {

inline constexpr std::size_t kIntervals = 64;  // of one phase

struct LiveSlice {
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};  // too few values

  std::uint64_t completed = 0;
  std::uint64_t offered = 0;  // so far
  std::uint64_t response_p50_ns = kNone;
  std::uint64_t response_p99_ns = kNone;
  std::uint64_t response_max_ns = kNone;
  std::uint64_t lateness_p99_ns = kNone;
};

class LiveSeries {
 public:
  // By the child's sampler alone.
  LiveSlice& next(bool measured) noexcept {
    auto& phase = phase_of(measured);
    // relaxed: this thread alone writes it.
    return phase.slices[phase.count.load(std::memory_order_relaxed)];
  }
  // What next() returned is complete.
  void publish(bool measured) noexcept {
    auto& phase = phase_of(measured);
    // (1) - release: pairs with the acquire in count().
    phase.count.store(phase.count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void set_p99_ns(std::uint64_t p99_ns) noexcept {
    p99_ns_.store(p99_ns, std::memory_order_relaxed);  // relaxed: stands for itself
  }

  // Slices that may be read.
  [[nodiscard]] std::size_t count(bool measured) const noexcept {
    // acquire: pairs with (1).
    return phase_of(measured).count.load(std::memory_order_acquire);
  }
  [[nodiscard]] const LiveSlice& slice(bool measured, std::size_t i) const noexcept {
    return phase_of(measured).slices[i];
  }
  // Of all responses of the measured phase so far; LiveSlice::kNone: too few.
  [[nodiscard]] std::uint64_t p99_ns() const noexcept {
    return p99_ns_.load(std::memory_order_relaxed);  // relaxed: see set_p99_ns()
  }

 private:
  struct PhaseSlices {
    std::atomic<std::size_t> count{0};
    std::array<LiveSlice, kIntervals> slices{};
  };
  [[nodiscard]] PhaseSlices& phase_of(bool measured) noexcept { return phases_[measured ? 1 : 0]; }
  [[nodiscard]] const PhaseSlices& phase_of(bool measured) const noexcept {
    return phases_[measured ? 1 : 0];
  }

  std::array<PhaseSlices, 2> phases_;
  std::atomic<std::uint64_t> p99_ns_{LiveSlice::kNone};
};

}  // namespace crosstalk::harness
