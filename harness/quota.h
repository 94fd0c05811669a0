// How operations, and requests under way, are shared out over drivers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "harness/trial_input.h"

namespace crosstalk::harness {

// Driver `index`'s part of `all`, which is the same for each; what is left over goes to the first ones. A driver whose
// clients do nothing takes no part.
[[nodiscard]] inline std::uint64_t equal_share(const TrialInput& input, std::uint64_t all,
                                               unsigned index) noexcept {
  const auto busy = [](const std::vector<workloads::Op>& ops) { return !ops.empty(); };
  const auto& drivers = *input.drivers;
  const auto sharing = static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.end(), busy));
  if (!busy(drivers[index])) return 0;
  const auto place =
      static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.begin() + index, busy));
  return all / sharing + (place < all % sharing ? 1 : 0);
}

// Pooled closed loop: how many of its requests driver `index` may have under way; one at least.
[[nodiscard]] inline std::uint32_t inflight_of(const TrialInput& input, unsigned index) noexcept {
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(1, equal_share(input, input.options.inflight, index)));
}

// Open loop: which operation of the lap is the first one of the measured phase. Where nobody knows yet when that begins,
// it is the one if the warm-up takes as long as it may.
[[nodiscard]] inline std::size_t first_measured(const TrialInput& input) noexcept {
  const workloads::Trace& trace = *input.trace;
  const auto warmup_ns = static_cast<double>(input.options.warmup_ns);
  const double lap_start_ns = std::floor(warmup_ns / trace.lap_ns) * trace.lap_ns;
  // In ticks, as the drivers find it.
  const auto warms_up = [&](const workloads::Op& op) {
    return input.clock.to_ticks(lap_start_ns + op.intended_ns) < input.clock.to_ticks(warmup_ns);
  };
  const auto first = std::partition_point(trace.ops.begin(), trace.ops.end(), warms_up);
  return static_cast<std::size_t>(first - trace.ops.begin()) % trace.ops.size();
}

// How many of the first `count` operations of the lap are driver `index`'s. From the order of a trace (trace.h), since
// whoever is about to begin has no time to count them.
[[nodiscard]] inline std::uint64_t own_of_first(const TrialInput& input, unsigned index,
                                                std::size_t count) noexcept {
  const std::vector<workloads::Op>& own = (*input.drivers)[index];
  if (count >= input.trace->ops.size()) return own.size();
  const auto key = [](const workloads::Op& op) {
    return std::tuple(std::llround(op.intended_ns), op.client, op.sequence);
  };
  const auto before = [&](const workloads::Op& op) { return key(op) < key(input.trace->ops[count]); };
  return static_cast<std::uint64_t>(std::partition_point(own.begin(), own.end(), before) - own.begin());
}

// Open loop: how many of the first TrialOptions::operations of the measured phase are driver `index`'s. At a rate every
// driver takes the time that its part of the load takes.
[[nodiscard]] inline std::uint64_t share_at_rate(const TrialInput& input, unsigned index) noexcept {
  const std::size_t lap = input.trace->ops.size();
  if (lap == 0) return 0;
  const std::size_t first = first_measured(input);
  const std::size_t last = first + static_cast<std::size_t>(input.options.operations % lap);
  std::uint64_t share = input.options.operations / lap * (*input.drivers)[index].size();
  share += own_of_first(input, index, std::min(last, lap)) - own_of_first(input, index, first);
  return last > lap ? share + own_of_first(input, index, last - lap) : share;
}

// How many operations driver `index` does in the measured phase at most.
[[nodiscard]] inline std::uint64_t quota_of(const TrialInput& input, unsigned index) noexcept {
  if (input.options.operations == 0) return ~std::uint64_t{0};
  return input.options.open_loop ? share_at_rate(input, index)
                                 : equal_share(input, input.options.operations, index);
}

}  // namespace crosstalk::harness
