// What the process has used: processor time, context switches, memory, page faults.
#pragma once

#include <cstdint>

namespace crosstalk::harness {

struct Resources {
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
  std::uint64_t rss_max_bytes = 0;  // the peak so far
  std::uint64_t faults_minor = 0;   // pages that memory had, or that were to be zeroed
  std::uint64_t faults_major = 0;   // pages that had to be read from a disk
};

// Of all threads, since the process began; children that were waited for are not counted.
[[nodiscard]] Resources resources_used() noexcept;
[[nodiscard]] std::uint64_t rss_bytes() noexcept;  // at present; 0 where it cannot be read

}  // namespace crosstalk::harness
