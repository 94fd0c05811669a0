// A scenario with a name, for a program whose main() is the explorer's (main.cpp):
//
//     EXPLORE(two_writers) {
//       MyLock lock;
//       ...
//     }
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/explore/explore.h"

namespace crosstalk::harness::explore {

struct Scenario {
  std::string name;
  std::function<void()> run;
};

// All of the program, in the order of their definition.
inline std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> all;  // NOLINT(bugprone-dynamic-static-initializers)
  return all;
}

struct ScenarioRegistration {
  ScenarioRegistration(const char* name, void (*run)()) { scenarios().push_back({name, run}); }
};

#define EXPLORE(name)                                                                           \
  static void explore_scenario_##name();                                                        \
  static const ::crosstalk::harness::explore::ScenarioRegistration explore_registration_##name{ \
      #name, explore_scenario_##name};                                                          \
  static void explore_scenario_##name()

}  // namespace crosstalk::harness::explore
