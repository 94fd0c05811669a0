#include "harness/placement.h"

#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <tuple>

namespace crosstalk::harness {

namespace {

int topology(int cpu, const char* what, int otherwise) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/" + what);
  int value = 0;
  return file >> value && value >= 0 ? value : otherwise;
}

void order_compact(std::vector<Processor>& processors) {
  std::sort(processors.begin(), processors.end(), [](const Processor& a, const Processor& b) {
    return std::tie(a.package, a.core, a.cpu) < std::tie(b.package, b.core, b.cpu);
  });
}

void order_spread(std::vector<Processor>& processors) {
  order_compact(processors);
  std::map<std::pair<int, int>, int> seen_of_core;
  std::map<std::pair<int, int>, int> seen_of_package;  // (package, round)
  std::vector<std::tuple<int, int, int, Processor>> keyed;
  for (const Processor& processor : processors) {
    const int round = seen_of_core[{processor.package, processor.core}]++;
    const int turn = seen_of_package[{processor.package, round}]++;
    keyed.emplace_back(round, turn, processor.package, processor);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) <
           std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
  });
  for (std::size_t i = 0; i < keyed.size(); ++i) processors[i] = std::get<3>(keyed[i]);
}

}  // namespace

std::vector<Processor> usable_processors() {
  std::vector<Processor> result;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(static_cast<unsigned>(cpu), &set)) continue;
      result.push_back({cpu, topology(cpu, "physical_package_id", 0), topology(cpu, "core_id", cpu)});
    }
  }
  if (result.empty()) result.push_back({});
  return result;
}

Placement place(Pin pin, std::vector<Processor> processors, unsigned drivers, unsigned workers) {
  Placement placement;
  placement.oversubscribed = drivers + workers > processors.size();
  if (pin == Pin::none) return placement;
  if (pin == Pin::compact) {
    order_compact(processors);
  } else {
    order_spread(processors);
  }
  const auto cpu_of = [&](unsigned thread) { return processors[thread % processors.size()].cpu; };
  for (unsigned i = 0; i < drivers; ++i) placement.drivers.push_back(cpu_of(i));
  for (unsigned i = 0; i < workers; ++i) placement.workers.push_back(cpu_of(drivers + i));
  return placement;
}

void pin_this_thread(int cpu) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

void sharpen_timers() noexcept {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

}  // namespace crosstalk::harness
