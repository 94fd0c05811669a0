// What the process has used: processor time, context switches, memory.
#pragma once

#include <cstdint>

namespace crosstalk::harness {

struct Resources {
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
  std::uint64_t rss_max_bytes = 0;  // the peak so far
};

[[nodiscard]] Resources resources_used() noexcept;
[[nodiscard]] std::uint64_t rss_bytes() noexcept;  // at present; 0 where it cannot be read

}  // namespace crosstalk::harness
