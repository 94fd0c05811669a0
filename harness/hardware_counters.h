// What the processor counted: instructions, cycles, cache and branch misses of the whole process.
//
// One perf_event_open(2) counter each, inherited by the threads that are made while it is open; a reading sums over all of
// them, those that have ended among them. Where there are fewer counters than events the kernel takes turns, and counts are
// scaled up by the time that an event was really counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace crosstalk::harness {

// Empty: not counted, which is not 0.
struct HardwareCounts {
  std::optional<std::uint64_t> instructions;
  std::optional<std::uint64_t> cycles;
  std::optional<std::uint64_t> cache_misses;   // of the last level, as the processor's makers define it
  std::optional<std::uint64_t> branch_misses;  // mispredicted branches
};

inline constexpr std::size_t kHardwareEvents = 4;  // in the order of HardwareCounts

// One counter as the kernel gives it, since it was opened.
struct CounterReading {
  std::uint64_t value = 0;
  std::uint64_t enabled_ns = 0;  // summed over threads
  std::uint64_t running_ns = 0;  // of which it was really counted
};
using HardwareReading = std::array<std::optional<CounterReading>, kHardwareEvents>;

// Pure. An event that was never counted in between is empty.
[[nodiscard]] HardwareCounts counts_between(const HardwareReading& begin, const HardwareReading& end);

class HardwareCounters {
 public:
  // Counts from here on: the calling thread and the threads that it and its successors make. Threads that are there
  // already are not counted, so this stands before the first. Never fails; see why_not().
  HardwareCounters();
  ~HardwareCounters();
  HardwareCounters(const HardwareCounters&) = delete;
  HardwareCounters& operator=(const HardwareCounters&) = delete;

  // A system call per event: some microseconds. Any thread, one at a time.
  [[nodiscard]] HardwareReading read() const noexcept;
  // The kernel refused to count what it does itself (perf_event_paranoid 2): user mode only.
  [[nodiscard]] bool user_only() const noexcept { return user_only_; }
  // Why some event is not counted, in one line; empty: all are.
  [[nodiscard]] const std::string& why_not() const noexcept { return why_not_; }

 private:
  std::array<int, kHardwareEvents> files_{};
  bool user_only_ = false;
  std::string why_not_;
};

// Pure: what the errno of perf_event_open means. `paranoid`: kernel.perf_event_paranoid, empty if unknown; `has_pmu`: the
// kernel knows a counting unit of the processor.
[[nodiscard]] std::string counter_failure(int error, std::optional<int> paranoid, bool has_pmu);

}  // namespace crosstalk::harness
