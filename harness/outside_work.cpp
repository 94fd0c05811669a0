#include "harness/outside_work.h"

#include <algorithm>

namespace crosstalk::harness {

namespace {

// Each step needs the one before it, so that the processor cannot do several at a time; none touches memory.
void do_steps(std::uint64_t steps) noexcept {
  std::uint64_t value = steps;
  for (; steps > 0; --steps) {
    value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    asm volatile("" : "+r"(value));
  }
}

}  // namespace

OutsideWork::OutsideWork(const TrialInput& input, unsigned index) noexcept
    : random_(input.options.seed, workloads::Purpose::outside, index),
      longest_(static_cast<std::uint64_t>(2 * static_cast<double>(input.options.outside_ns) *
                                          input.outside_steps_per_ns)),
      time_(input.clock.virtual_time()) {}

void OutsideWork::work() noexcept {
  const std::uint64_t steps = random_.below(longest_ + 1);
  if (time_ != nullptr) [[unlikely]] {
    time_->pass(steps);
    return;
  }
  do_steps(steps);
}

double OutsideWork::steps_per_ns(const Clock& clock) noexcept {
  constexpr std::uint64_t kSteps = 20'000;
  constexpr int kTries = 20;
  std::uint64_t fastest = ~std::uint64_t{0};
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t begin = clock.now();
    do_steps(kSteps);
    fastest = std::min(fastest, clock.now() - begin);
  }
  const auto ns = static_cast<double>(std::max<std::uint64_t>(1, clock.to_ns(fastest)));
  return static_cast<double>(kSteps) / ns;
}

}  // namespace crosstalk::harness
