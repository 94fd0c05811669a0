// What others took of the processors while we measured: the hypervisor (steal), and processes that are not ours.
//
// Two snapshots, one before and one after; each reads the head of /proc/stat and this process's processor time, some
// 20 us on a machine of two processors. The kernel counts in ticks of USER_HZ (10 ms on Linux), and a tick goes to
// whoever runs as it ends. Hence `resolution_share`, and no answer at all for an interval below kFewestTicks.
// What cannot be seen: a hypervisor that takes time without reporting steal (`crosstalk calibrate` shows the gaps),
// and, in a container whose /proc/stat is made up (lxcfs), other containers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace crosstalk::harness {

// Since boot, over some processors, in ticks of USER_HZ.
struct ProcessorTimes {
  std::uint64_t busy_ticks = 0;   // user, nice, system, irq, softirq; guests are part of user and nice
  std::uint64_t steal_ticks = 0;  // the hypervisor ran others instead; not part of busy
  friend bool operator==(const ProcessorTimes&, const ProcessorTimes&) = default;
};

// The sum over the processors `cpus` of a text as in /proc/stat; over all of them if `cpus` is empty. A kernel before 2.6.11
// writes no steal: 0. Empty if a processor is missing (it went offline) or a line cannot be understood.
[[nodiscard]] std::optional<ProcessorTimes> parse_processor_times(std::string_view proc_stat,
                                                                  std::span<const int> cpus);

struct LoadSnapshot {
  std::uint64_t time_ns = 0;     // CLOCK_MONOTONIC
  std::uint64_t own_cpu_ns = 0;  // this process, all of its threads, and the children that it has waited for
  std::vector<int> cpus;         // that are looked at
  std::optional<ProcessorTimes> processors;  // empty: /proc/stat cannot be read
};

// `cpus`: those this process may use (usable_processors()); empty: those of sched_getaffinity. What this process does
// elsewhere would be taken for work done here.
[[nodiscard]] LoadSnapshot load_snapshot(std::vector<int> cpus = {});

// Shares of what the processors had to give, interval x processors: 0 to 1. Empty: not known, which is not 0.
struct ForeignLoad {
  std::optional<double> steal_share;
  // Busy, but neither with this process nor with children that it has waited for. A child that still runs, and
  // interrupts, count as foreign.
  std::optional<double> foreign_cpu_share;
  double resolution_share = 1;  // both are known to within this: a tick per processor over the interval
};

// Shorter intervals say nothing: 100 ms at USER_HZ = 100.
inline constexpr std::uint64_t kFewestTicks = 10;

// Pure. `ticks_per_s`: USER_HZ.
[[nodiscard]] ForeignLoad foreign_load(const LoadSnapshot& begin, const LoadSnapshot& end,
                                       std::uint64_t ticks_per_s);
// From `begin` until now.
[[nodiscard]] ForeignLoad foreign_load_since(const LoadSnapshot& begin);

}  // namespace crosstalk::harness
