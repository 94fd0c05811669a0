#include "harness/resources.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace crosstalk::harness {

namespace {
double seconds(const timeval& time) noexcept {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}
}  // namespace

Resources resources_used() noexcept {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {.cpu_user_s = seconds(usage.ru_utime),
          .cpu_system_s = seconds(usage.ru_stime),
          .switches_voluntary = static_cast<std::uint64_t>(usage.ru_nvcsw),
          .switches_involuntary = static_cast<std::uint64_t>(usage.ru_nivcsw),
          .rss_max_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024,
          .faults_minor = static_cast<std::uint64_t>(usage.ru_minflt),
          .faults_major = static_cast<std::uint64_t>(usage.ru_majflt)};
}

std::uint64_t rss_bytes() noexcept {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long pages = 0;
  const int fields = std::fscanf(file, "%*u %lu", &pages);
  std::fclose(file);
  return fields == 1 ? std::uint64_t{pages} * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace crosstalk::harness
