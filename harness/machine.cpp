#include "harness/machine.h"

#include <array>
#include <cstdlib>
#include <string_view>

#include "harness/hardware_counters.h"

namespace crosstalk::harness {

namespace {

// Advice on a value; empty: none.
using Advise = std::string_view (*)(const std::string& value);

struct AdviceRule {
  std::string_view key;
  Advise advise;
};

// The number that a text begins with; 0 for another text.
double leading_number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

std::string_view on_usable(const std::string& value) {
  return value == "1" ? "threads only take turns here: contention needs two processors (taskset, cpuset)"
                      : "";
}

std::string_view on_quota(const std::string& value) {
  if (value == "none" || value == "unknown") return "";
  return "all threads stand still once it is spent: take the limit off (docker --cpus, CPUQuota=, cpu.max)";
}

std::string_view on_guest(const std::string& value) {
  return value == "yes"
             ? "other guests share the hardware: trust differences within blocks only, or rent a dedicated host"
             : "";
}

std::string_view on_smt(const std::string& value) {
  if (value != "1") return "";
  return "siblings share a core: keep --pin spread, or echo off > /sys/devices/system/cpu/smt/control";
}

std::string_view on_nodes(const std::string& value) {
  return leading_number(value) > 1 ? "numactl --cpunodebind=0 --membind=0 keeps a run on one node" : "";
}

std::string_view on_governor(const std::string& value) {
  if (value == "unknown" || value == "performance") return "";
  return "clock rates follow the load: cpupower frequency-set -g performance";
}

std::string_view on_turbo(const std::string& value) {
  if (!value.starts_with("on")) return "";
  if (value.find("no_turbo") != std::string::npos)
    return "clock rates follow the heat: echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo";
  return "clock rates follow the heat: echo 0 > /sys/devices/system/cpu/cpufreq/boost";
}

std::string_view on_huge_pages(const std::string& value) {
  if (value.find("[always]") == std::string::npos) return "";
  return "pages are merged at times of the kernel's choice: echo madvise > "
         "/sys/kernel/mm/transparent_hugepage/enabled";
}

std::string_view on_clocksource(const std::string& value) {
  for (const std::string_view fast :
       {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "unknown"}) {
    if (value == fast) return "";
  }
  return "the clock is read by a system call: echo tsc > "
         "/sys/devices/system/clocksource/clocksource0/current_clocksource, or boot with tsc=reliable";
}

std::string_view on_aslr(const std::string& value) {
  if (value != "0") return "";
  return "luck of the memory layout is the same in every trial: sysctl kernel.randomize_va_space=2";
}

std::string_view on_load(const std::string& value) {
  return leading_number(value) > 0.5 ? "others are at work here: stop them and wait" : "";
}

std::string_view on_steal(const std::string& value) {
  return leading_number(value) >= 0.5 ? "the hypervisor runs others in our time: a dedicated host" : "";
}

constexpr std::array kRules{
    AdviceRule{"cpus_usable", on_usable},
    AdviceRule{"cpu_quota", on_quota},
    AdviceRule{"virtual_machine", on_guest},
    AdviceRule{"smt", on_smt},
    AdviceRule{"numa_nodes", on_nodes},
    AdviceRule{"governor", on_governor},
    AdviceRule{"turbo", on_turbo},
    AdviceRule{"transparent_hugepages", on_huge_pages},
    AdviceRule{"clocksource", on_clocksource},
    AdviceRule{"aslr", on_aslr},
    AdviceRule{"load_average", on_load},
    AdviceRule{"steal_pct", on_steal},
};

MachineFact hardware_counter_fact() {
  const HardwareCounters counters;
  if (counters.why_not().empty())
    return {"hardware_counters", counters.user_only() ? "user mode only" : "all",
            counters.user_only() ? "sysctl kernel.perf_event_paranoid=1 counts the kernel's work too" : ""};
  return {"hardware_counters", "missing", counters.why_not()};
}

}  // namespace

std::vector<MachineFact> with_advice(const reports::Facts& facts) {
  std::vector<MachineFact> machine;
  for (const auto& [key, value] : facts) {
    MachineFact fact{key, value, ""};
    for (const AdviceRule& rule : kRules) {
      if (rule.key == key) fact.advice = rule.advise(value);
    }
    machine.push_back(std::move(fact));
  }
  return machine;
}

std::vector<MachineFact> describe_machine() {
  std::vector<MachineFact> machine = with_advice(reports::machine_facts());
  machine.push_back(hardware_counter_fact());
  return machine;
}

}  // namespace crosstalk::harness
