#include "reports/environment.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string_view>

#ifndef CROSSTALK_BUILD_TYPE
#define CROSSTALK_BUILD_TYPE "unknown"
#endif
#ifndef CROSSTALK_SANITIZERS
#define CROSSTALK_SANITIZERS ""
#endif
#ifndef CROSSTALK_COMMIT
#define CROSSTALK_COMMIT "unknown"
#endif

namespace crosstalk::reports {

namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) return "unknown";
  return line;
}

std::string field(const char* path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, name.size(), name) != 0) continue;
    const auto value = line.find_first_not_of(" \t:", name.size());
    if (value != std::string::npos) return line.substr(value);
  }
  return "unknown";
}

std::string usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return "unknown";
  return std::to_string(CPU_COUNT(&set));
}

// Ticks that the hypervisor gave to others, since boot.
std::string steal_ticks() {
  std::istringstream cpu(field("/proc/stat", "cpu "));
  std::string value;
  for (int column = 0; column < 8; ++column) cpu >> value;
  return value.empty() ? "unknown" : value;
}

}  // namespace

Facts machine_facts() {
  Facts facts;
  utsname system{};
  const bool known = uname(&system) == 0;
  facts.emplace_back("kernel", known ? std::string(system.sysname) + " " + system.release : "unknown");
  facts.emplace_back("architecture", known ? system.machine : "unknown");
  facts.emplace_back("cpu_model", field("/proc/cpuinfo", "model name"));
  facts.emplace_back("cpus_online", std::to_string(sysconf(_SC_NPROCESSORS_ONLN)));
  facts.emplace_back("cpus_usable", usable_cpus());
  facts.emplace_back("smt", first_line("/sys/devices/system/cpu/smt/active"));
  facts.emplace_back("governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  facts.emplace_back("cgroup_cpu_max", first_line("/sys/fs/cgroup/cpu.max"));
  facts.emplace_back("memory", field("/proc/meminfo", "MemTotal"));
  facts.emplace_back("transparent_hugepages", first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  facts.emplace_back("clocksource",
                     first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
  facts.emplace_back("aslr", first_line("/proc/sys/kernel/randomize_va_space"));
  facts.emplace_back("load_average", first_line("/proc/loadavg"));
  facts.emplace_back("steal_ticks", steal_ticks());
  const BuildFacts& build = build_facts();
  facts.emplace_back("compiler", build.compiler);
  facts.emplace_back("build_type", build.build_type);
  facts.emplace_back("commit", build.commit);
  facts.emplace_back("allocator", build.allocator);
  return facts;
}

const BuildFacts& build_facts() {
  static const BuildFacts facts = [] {
    BuildFacts build;
#if defined(__clang__)
    build.compiler = "clang " __clang_version__;
#else
    build.compiler = "gcc " __VERSION__;
#endif
    const std::string sanitizers = CROSSTALK_SANITIZERS;
    build.build_type = CROSSTALK_BUILD_TYPE + (sanitizers.empty() ? "" : "+" + sanitizers);
    build.commit = CROSSTALK_COMMIT;
    build.allocator = std::string("glibc malloc ") + gnu_get_libc_version();
#if defined(NDEBUG) && defined(__OPTIMIZE__)
    build.fit = sanitizers.empty();
#endif
    return build;
  }();
  return facts;
}

}  // namespace crosstalk::reports
