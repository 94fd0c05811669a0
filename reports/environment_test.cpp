#include "reports/environment.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace crosstalk::reports {
namespace {

std::string fact_of(const Facts& facts, const std::string& key) {
  for (const auto& [name, value] : facts) {
    if (name == key) return value;
  }
  return "no such fact";
}

// A machine that is made up.
class Machine {
 public:
  Machine() {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-machine-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = name;
  }
  ~Machine() { std::filesystem::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  [[nodiscard]] std::string fact(const std::string& key) const { return fact_of(machine_facts(root_), key); }

 private:
  std::filesystem::path root_;
};

TEST_CASE("every fact of the machine has a key and a value", "[reports]") {
  for (const auto& [key, value] : machine_facts()) {
    CHECK_FALSE(key.empty());
    CHECK_FALSE(value.empty());
  }
}

TEST_CASE("what a machine does not tell is unknown", "[reports]") {
  const Machine empty;
  for (const char* key : {"cpu_model", "cpu_quota", "virtual_machine", "smt", "numa_nodes", "governor",
                          "turbo", "mitigations", "memory", "transparent_hugepages", "clocksource", "aslr",
                          "load_average", "steal_ticks", "steal_pct"}) {
    INFO(key);
    CHECK(empty.fact(key) == "unknown");
  }
}

TEST_CASE("governors and turbo are found where the drivers keep them", "[reports]") {
  const Machine intel;
  intel.put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  intel.put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  intel.put("sys/devices/system/cpu/cpuidle/current_governor", "menu\n");
  intel.put("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  CHECK(intel.fact("governor") == "powersave");
  CHECK(intel.fact("turbo") == "on (intel_pstate/no_turbo)");
  intel.put("sys/devices/system/cpu/cpu12/cpufreq/scaling_governor", "performance\n");
  intel.put("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  CHECK(intel.fact("governor") == "performance, powersave");
  CHECK(intel.fact("turbo") == "off (intel_pstate/no_turbo)");
  const Machine amd;
  amd.put("sys/devices/system/cpu/cpufreq/boost", "1\n");
  CHECK(amd.fact("turbo") == "on (cpufreq/boost)");
  amd.put("sys/devices/system/cpu/cpufreq/boost", "0\n");
  CHECK(amd.fact("turbo") == "off (cpufreq/boost)");
}

TEST_CASE("the tightest quota of a cgroup 2 and those around it counts", "[reports]") {
  const Machine machine;
  machine.put("proc/self/cgroup", "0::/user.slice/run\n");
  machine.put("sys/fs/cgroup/cgroup.procs", "");
  machine.put("sys/fs/cgroup/user.slice/run/cpu.max", "max 100000\n");
  CHECK(machine.fact("cpu_quota") == "none");
  machine.put("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  CHECK(machine.fact("cpu_quota") == "1.5 processors");
  machine.put("sys/fs/cgroup/user.slice/run/cpu.max", "400000 100000\n");
  CHECK(machine.fact("cpu_quota") == "1.5 processors");
  machine.put("sys/fs/cgroup/cpu.max", "50000 100000\n");  // a container sees its own group as the root
  CHECK(machine.fact("cpu_quota") == "0.5 processors");
}

TEST_CASE("quotas of cgroup 1 are found under either name of the mount", "[reports]") {
  for (const std::string mount : {"cpu", "cpu,cpuacct"}) {
    const Machine machine;
    machine.put("proc/self/cgroup", "9:name=systemd:/\n4:cpu,cpuacct:/docker/12\n3:cpuset:/other\n");
    machine.put("sys/fs/cgroup/" + mount + "/docker/12/cpu.cfs_quota_us", "-1\n");
    machine.put("sys/fs/cgroup/" + mount + "/docker/12/cpu.cfs_period_us", "100000\n");
    CHECK(machine.fact("cpu_quota") == "none");
    machine.put("sys/fs/cgroup/" + mount + "/docker/12/cpu.cfs_quota_us", "200000\n");
    CHECK(machine.fact("cpu_quota") == "2 processors");
    machine.put("proc/self/cgroup", "3:cpuset:/docker/12\n");
    CHECK(machine.fact("cpu_quota") == "none");
  }
}

TEST_CASE("mitigations are counted and open flaws named", "[reports]") {
  const Machine machine;
  machine.put("sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n");
  machine.put("sys/devices/system/cpu/vulnerabilities/spectre_v2",
              "Mitigation: Retpolines; STIBP: disabled\n");
  machine.put("sys/devices/system/cpu/vulnerabilities/mds", "Not affected\n");
  CHECK(machine.fact("mitigations") == "2 on");
  machine.put("sys/devices/system/cpu/vulnerabilities/l1tf", "Vulnerable\n");
  CHECK(machine.fact("mitigations") == "2 on; vulnerable: l1tf");
}

TEST_CASE("nodes, the hypervisor and what it took are found", "[reports]") {
  const Machine machine;
  machine.put("sys/devices/system/node/node0/cpulist", "0-3\n");
  machine.put("sys/devices/system/node/node1/cpulist", "4-7\n");
  machine.put("sys/devices/system/node/online", "0-1\n");
  machine.put("proc/cpuinfo", "model name\t: Some CPU\nflags\t\t: fpu hypervisor lahf_lm\n");
  machine.put("proc/stat", "cpu  100 0 100 700 0 0 50 50 0 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n");
  CHECK(machine.fact("numa_nodes") == "2");
  CHECK(machine.fact("cpu_model") == "Some CPU");
  CHECK(machine.fact("virtual_machine") == "yes");
  CHECK(machine.fact("steal_ticks") == "50");
  CHECK(machine.fact("steal_pct") == "5");
  machine.put("proc/cpuinfo", "flags\t\t: fpu lahf_lm\n");
  CHECK(machine.fact("virtual_machine") == "no");
}

}  // namespace
}  // namespace crosstalk::reports
