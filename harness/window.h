// When a trial warms up and when it measures, in ticks of the trial's clock.
#pragma once

#include <atomic>
#include <cstdint>

namespace crosstalk::harness {

struct Window {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  std::uint64_t start = 0;     // the barrier opens
  std::uint64_t measure = 0;   // the measured phase begins; kNever: it is not known yet when
  std::uint64_t end = kNever;  // it ends; kNever: when the work is done

  // Does an operation that was due (open loop) or started (closed loop) at `begun` and ended at `ended` count?
  [[nodiscard]] bool measures(std::uint64_t begun, std::uint64_t ended) const noexcept {
    return begun >= measure && ended < end;
  }
};

// Says when the measured phase begins where the warm-up is as long as it takes. Every thread has a Window of its own and
// asks for news while it has none, so that nothing is shared once it knows.
class WindowSwitch {
 public:
  // `length_ticks`: of the measured phase; 0: until the work is done.
  explicit WindowSwitch(std::uint64_t length_ticks) noexcept : length_(length_ticks) {}

  // The instant lies in the future by more than threads need to hear of it.
  // relaxed: the instant is all there is to be known.
  void announce(std::uint64_t measure) noexcept { measure_.store(measure, std::memory_order_relaxed); }

  // Fills in what `window` does not know, if it is known by now; true if it did.
  bool inform(Window& window) const noexcept {
    if (window.measure != Window::kNever) [[likely]]
      return false;
    const std::uint64_t measure = measure_.load(std::memory_order_relaxed);  // relaxed: see announce()
    if (measure == Window::kNever) return false;
    window.measure = measure;
    window.end = length_ > 0 ? measure + length_ : Window::kNever;
    return true;
  }

 private:
  std::uint64_t length_;
  std::atomic<std::uint64_t> measure_{Window::kNever};
};

}  // namespace crosstalk::harness
