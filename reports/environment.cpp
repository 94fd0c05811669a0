#include "reports/environment.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iomanip>
#include <optional>
#include <set>
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

namespace fs = std::filesystem;

constexpr const char* kUnknown = "unknown";

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) return kUnknown;
  return line;
}

std::string field(const fs::path& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, name.size(), name) != 0) continue;
    const auto value = line.find_first_not_of(" \t:", name.size());
    if (value != std::string::npos) return line.substr(value);
  }
  return kUnknown;
}

// Names in a folder, in order; none if there is no such folder.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_numbered(const std::string& name, std::string_view stem) {
  return name.size() > stem.size() && name.starts_with(stem) &&
         name.find_first_not_of("0123456789", stem.size()) == std::string::npos;
}

// That of all processors, or all that occur.
std::string governor(const fs::path& root) {
  std::set<std::string> seen;
  const fs::path cpus = root / "sys/devices/system/cpu";
  for (const std::string& name : names_in(cpus)) {
    if (is_numbered(name, "cpu")) seen.insert(first_line(cpus / name / "cpufreq/scaling_governor"));
  }
  if (seen.size() > 1) seen.erase(kUnknown);
  std::string text;
  for (const std::string& one : seen) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? kUnknown : text;
}

// Names the switch too, since there are two kinds of it.
std::string turbo(const fs::path& root) {
  const fs::path cpu = root / "sys/devices/system/cpu";
  const std::string off = first_line(cpu / "intel_pstate/no_turbo");
  if (off != kUnknown) return off == "0" ? "on (intel_pstate/no_turbo)" : "off (intel_pstate/no_turbo)";
  const std::string on = first_line(cpu / "cpufreq/boost");
  if (on != kUnknown) return on == "0" ? "off (cpufreq/boost)" : "on (cpufreq/boost)";
  return kUnknown;
}

// Processors that a group may use; empty: no limit.
std::optional<double> quota_of_v2(const fs::path& group) {
  std::istringstream line(first_line(group / "cpu.max"));
  double quota = 0;
  double period = 0;
  if (!(line >> quota >> period) || period <= 0) return std::nullopt;  // "max 100000"
  return quota / period;
}
std::optional<double> quota_of_v1(const fs::path& group) {
  std::istringstream quota_text(first_line(group / "cpu.cfs_quota_us"));
  std::istringstream period_text(first_line(group / "cpu.cfs_period_us"));
  double quota = 0;
  double period = 0;
  if (!(quota_text >> quota) || !(period_text >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// The groups of this process by controller: "" for version 2, which has one for all.
std::string group_of(const fs::path& root, std::string_view controller) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // 4:cpu,cpuacct:/docker/1234
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool found = controller.empty()
                           ? controllers == ",,"
                           : controllers.find("," + std::string(controller) + ",") != std::string::npos;
    if (found) return line.substr(second + 1);
  }
  return "/";
}

// The tightest quota of the group and those around it. Inside a container its own group may be mounted as the root,
// under which its path is not to be found: levels that are not there are passed over.
template <class QuotaOf>
void tighten(std::optional<double>& quota, const fs::path& mount, const std::string& group,
             QuotaOf quota_of) {
  for (fs::path level = fs::path(group).relative_path();; level = level.parent_path()) {
    const std::optional<double> here = quota_of(mount / level);
    if (here) quota = std::min(quota.value_or(*here), *here);
    if (level.empty()) return;
  }
}

std::string cpu_quota(const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  if (names_in(mount).empty()) return kUnknown;
  std::optional<double> quota;
  tighten(quota, mount, group_of(root, ""), quota_of_v2);
  tighten(quota, mount / "unified", group_of(root, ""), quota_of_v2);
  for (const char* controller : {"cpu", "cpu,cpuacct"})
    tighten(quota, mount / controller, group_of(root, "cpu"), quota_of_v1);
  if (!quota) return "none";
  std::ostringstream text;
  text << *quota << " processors";
  return text.str();
}

// How many of the processor's flaws have which answer of the kernel.
std::string mitigations(const fs::path& root) {
  const fs::path folder = root / "sys/devices/system/cpu/vulnerabilities";
  std::size_t mitigated = 0;
  std::string open;
  const std::vector<std::string> flaws = names_in(folder);
  if (flaws.empty()) return kUnknown;
  for (const std::string& flaw : flaws) {
    const std::string answer = first_line(folder / flaw);
    if (answer.starts_with("Mitigation")) ++mitigated;
    if (answer.starts_with("Vulnerable")) open += (open.empty() ? "" : " ") + flaw;
  }
  return std::to_string(mitigated) + " on" + (open.empty() ? "" : "; vulnerable: " + open);
}

std::string numa_nodes(const fs::path& root) {
  std::size_t nodes = 0;
  for (const std::string& name : names_in(root / "sys/devices/system/node"))
    nodes += is_numbered(name, "node") ? 1 : 0;
  return nodes == 0 ? kUnknown : std::to_string(nodes);
}

std::string virtual_machine(const fs::path& root) {
  const std::string flags = field(root / "proc/cpuinfo", "flags");
  if (flags == kUnknown) return kUnknown;
  return (" " + flags + " ").find(" hypervisor ") != std::string::npos ? "yes" : "no";
}

std::string usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return kUnknown;
  return std::to_string(CPU_COUNT(&set));
}

// Ticks that the hypervisor gave to others since boot, and what share of all ticks that is.
void add_steal(Facts& facts, const fs::path& root) {
  std::istringstream line(field(root / "proc/stat", "cpu "));
  std::array<double, 8> ticks{};  // user nice system idle iowait irq softirq steal
  double all = 0;
  for (double& value : ticks) {
    line >> value;
    all += value;
  }
  const bool known = !line.fail() && all > 0;
  std::ostringstream count;
  std::ostringstream share;
  count << std::fixed << std::setprecision(0) << ticks.back();
  share << std::setprecision(3) << 100 * ticks.back() / all;
  facts.emplace_back("steal_ticks", known ? count.str() : kUnknown);
  facts.emplace_back("steal_pct", known ? share.str() : kUnknown);
}

}  // namespace

Facts machine_facts(const fs::path& root) {
  Facts facts;
  utsname system{};
  const bool known = uname(&system) == 0;
  const fs::path cpu = root / "sys/devices/system/cpu";
  facts.emplace_back("kernel", known ? std::string(system.sysname) + " " + system.release : kUnknown);
  facts.emplace_back("architecture", known ? system.machine : kUnknown);
  facts.emplace_back("cpu_model", field(root / "proc/cpuinfo", "model name"));
  facts.emplace_back("cpus_online", std::to_string(sysconf(_SC_NPROCESSORS_ONLN)));
  facts.emplace_back("cpus_usable", usable_cpus());
  facts.emplace_back("cpu_quota", cpu_quota(root));
  facts.emplace_back("virtual_machine", virtual_machine(root));
  facts.emplace_back("smt", first_line(cpu / "smt/active"));
  facts.emplace_back("numa_nodes", numa_nodes(root));
  facts.emplace_back("governor", governor(root));
  facts.emplace_back("turbo", turbo(root));
  facts.emplace_back("mitigations", mitigations(root));
  facts.emplace_back("memory", field(root / "proc/meminfo", "MemTotal"));
  facts.emplace_back("transparent_hugepages",
                     first_line(root / "sys/kernel/mm/transparent_hugepage/enabled"));
  facts.emplace_back("clocksource",
                     first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource"));
  facts.emplace_back("aslr", first_line(root / "proc/sys/kernel/randomize_va_space"));
  facts.emplace_back("load_average", first_line(root / "proc/loadavg"));
  add_steal(facts, root);
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
