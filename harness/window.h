// When a trial warms up and when it measures, in ticks of the trial's clock.
#pragma once

#include <cstdint>

namespace crosstalk::harness {

struct Window {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  std::uint64_t start = 0;     // the barrier opens
  std::uint64_t measure = 0;   // the measured phase begins
  std::uint64_t end = kNever;  // it ends; kNever: when the work is done

  // Does an operation that was due (open loop) or started (closed loop) at `begun` and ended at `ended` count?
  [[nodiscard]] bool measures(std::uint64_t begun, std::uint64_t ended) const noexcept {
    return begun >= measure && ended < end;
  }
};

}  // namespace crosstalk::harness
