// A scenario with a name, for a program whose main() is the explorer's (main.cpp):
//
//     EXPLORE(two_writers) {
//       MyLock lock;
//       ...
//     }
//
// EXPLORE_AS("lock/my_lock/two_writers") { ... } takes any text for a name. Up to its last '/' that is the component which
// `crosstalk verify` judges by the scenario.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/explore/explore.h"

namespace crosstalk::harness::explore {

// How many of its schedules can be run in seconds.
enum class Schedules : std::uint8_t {
  all,     // every one of two preemptions
  sample,  // these are too many
};

struct Scenario {
  std::string name;
  std::function<void()> run;
  Schedules schedules = Schedules::all;
};

// All of the program, in the order of their definition.
inline std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> all;  // NOLINT(bugprone-dynamic-static-initializers)
  return all;
}

struct ScenarioRegistration {
  ScenarioRegistration(std::string name, std::function<void()> run, Schedules schedules = Schedules::all) {
    scenarios().push_back({std::move(name), std::move(run), schedules});
  }
};

#define EXPLORE(name)                                                                           \
  static void explore_scenario_##name();                                                        \
  static const ::crosstalk::harness::explore::ScenarioRegistration explore_registration_##name{ \
      #name, explore_scenario_##name};                                                          \
  static void explore_scenario_##name()

// A name, and perhaps a Schedules.
#define EXPLORE_AS(...) CROSSTALK_EXPLORE_AT(__LINE__, __VA_ARGS__)
#define CROSSTALK_EXPLORE_AT(line, ...) CROSSTALK_EXPLORE_AT_LINE(line, __VA_ARGS__)
#define CROSSTALK_EXPLORE_AT_LINE(line, text, ...)                                                 \
  static void explore_scenario_at_##line();                                                        \
  static const ::crosstalk::harness::explore::ScenarioRegistration explore_registration_at_##line{ \
      text, explore_scenario_at_##line __VA_OPT__(, ) __VA_ARGS__};                                \
  static void explore_scenario_at_##line()

}  // namespace crosstalk::harness::explore
