#include "harness/hardware_counters.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace crosstalk::harness {

namespace {

struct HardwareEvent {
  std::uint64_t config;
  const char* name;
  std::optional<std::uint64_t> HardwareCounts::*count;
};

constexpr std::array<HardwareEvent, kHardwareEvents> kEvents{{
    {PERF_COUNT_HW_INSTRUCTIONS, "instructions", &HardwareCounts::instructions},
    {PERF_COUNT_HW_CPU_CYCLES, "cycles", &HardwareCounts::cycles},
    {PERF_COUNT_HW_CACHE_MISSES, "cache misses", &HardwareCounts::cache_misses},
    {PERF_COUNT_HW_BRANCH_MISSES, "branch misses", &HardwareCounts::branch_misses},
}};

// Of the calling thread on any processor; errno if below 0.
int open_event(std::uint64_t config, bool user_only) noexcept {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = config;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.inherit = 1;
  attributes.exclude_kernel = user_only ? 1 : 0;
  attributes.exclude_hv = user_only ? 1 : 0;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::optional<int> paranoia() {
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  int value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

// "cpu" on x86-64, "cpu_core" where cores differ, "armv8_..." on ARM.
bool has_counting_unit() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/event_source/devices", error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("cpu") || name.starts_with("armv")) return true;
  }
  return false;
}

bool is_refusal(int error) {
  return error == EACCES || error == EPERM;
}

// The count that all of the time would have given.
std::optional<std::uint64_t> scaled(const std::optional<CounterReading>& begin,
                                    const std::optional<CounterReading>& end) {
  if (!begin || !end) return std::nullopt;
  const auto part = [](std::uint64_t from, std::uint64_t to) {
    return to > from ? to - from : std::uint64_t{0};
  };
  const std::uint64_t value = part(begin->value, end->value);
  const std::uint64_t enabled_ns = part(begin->enabled_ns, end->enabled_ns);
  const std::uint64_t running_ns = part(begin->running_ns, end->running_ns);
  if (running_ns == 0) return std::nullopt;
  if (running_ns >= enabled_ns) return value;
  return static_cast<std::uint64_t>(static_cast<long double>(value) * static_cast<long double>(enabled_ns) /
                                    static_cast<long double>(running_ns));
}

}  // namespace

HardwareCounts counts_between(const HardwareReading& begin, const HardwareReading& end) {
  HardwareCounts counts;
  for (std::size_t i = 0; i < kHardwareEvents; ++i) counts.*kEvents[i].count = scaled(begin[i], end[i]);
  return counts;
}

HardwareCounters::HardwareCounters() {
  // All events count the same: those of the kernel too, or none.
  for (;;) {
    int refusal = 0;
    why_not_.clear();
    for (std::size_t i = 0; i < kHardwareEvents; ++i) {
      files_[i] = open_event(kEvents[i].config, user_only_);
      if (files_[i] >= 0) continue;
      const int error = errno;
      if (is_refusal(error)) refusal = error;
      if (why_not_.empty())
        why_not_ =
            std::string(kEvents[i].name) + ": " + counter_failure(error, paranoia(), has_counting_unit());
    }
    if (refusal == 0 || user_only_) return;
    for (const int file : files_) {
      if (file >= 0) close(file);
    }
    user_only_ = true;
  }
}

HardwareCounters::~HardwareCounters() {
  for (const int file : files_) {
    if (file >= 0) close(file);
  }
}

HardwareReading HardwareCounters::read() const noexcept {
  HardwareReading reading;
  for (std::size_t i = 0; i < kHardwareEvents; ++i) {
    std::uint64_t raw[3] = {};
    if (files_[i] < 0) continue;
    if (::read(files_[i], raw, sizeof raw) != static_cast<ssize_t>(sizeof raw)) continue;
    reading[i] = CounterReading{.value = raw[0], .enabled_ns = raw[1], .running_ns = raw[2]};
  }
  return reading;
}

std::string counter_failure(int error, std::optional<int> paranoid, bool has_pmu) {
  const std::string reason = std::strerror(error);
  if (is_refusal(error)) {
    const std::string level = paranoid ? std::to_string(*paranoid) : "unknown";
    return "not allowed (" + reason + "; kernel.perf_event_paranoid is " + level +
           "): sysctl kernel.perf_event_paranoid=1, or a container that permits perf_event_open";
  }
  if (error == ENOSYS) return "this kernel has no perf_event_open (" + reason + ")";
  const bool unsupported = error == ENOENT || error == EOPNOTSUPP || error == ENODEV || error == ENXIO;
  if (unsupported && !has_pmu)
    return "no counters (" + reason +
           "; the kernel knows no PMU): in a virtual machine the host has to pass its PMU on";
  if (unsupported) return "this processor does not count it (" + reason + ")";
  return "perf_event_open: " + reason;
}

}  // namespace crosstalk::harness
