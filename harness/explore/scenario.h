// A scenario with a name, for a program whose main() is the explorer's (main.cpp):
//
//     EXPLORE(two_writers) {
//       MyLock lock;
//       ...
//     }
//
// EXPLORE_AS("lock/my_lock/two_writers") { ... } takes any text for a name. Up to its last '/' that is the component which
// `crosstalk verify` judges by the scenario.
//
// One that changes what is not put back between executions, such as the globals of a shared library, needs a process for each:
//
//     EXPLORE_WITH(two_writers, .process_each = true) { ... }
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

// Of Options, what a scenario cannot do without.
struct Needs {
  bool process_each = false;
  bool stale_reads = false;
  bool spurious = false;
};

[[nodiscard]] inline Options with_needs(Options options, const Needs& needs) {
  options.process_each = options.process_each || needs.process_each;
  options.stale_reads = options.stale_reads || needs.stale_reads;
  options.spurious = options.spurious || needs.spurious;
  return options;
}

struct Scenario {
  std::string name;
  std::function<void()> run;
  Schedules schedules = Schedules::all;
  Needs needs = {};
};

// All of the program, in the order of their definition.
inline std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> all;  // NOLINT(bugprone-dynamic-static-initializers)
  return all;
}

struct ScenarioRegistration {
  ScenarioRegistration(std::string name, std::function<void()> run, Schedules schedules = Schedules::all,
                       Needs needs = {}) {
    scenarios().push_back({std::move(name), std::move(run), schedules, needs});
  }
};

#define EXPLORE_WITH(name, ...)                                                                 \
  static void explore_scenario_##name();                                                        \
  static const ::crosstalk::harness::explore::ScenarioRegistration explore_registration_##name{ \
      #name, explore_scenario_##name, ::crosstalk::harness::explore::Schedules::all,            \
      ::crosstalk::harness::explore::Needs{__VA_ARGS__}};                                       \
  static void explore_scenario_##name()

#define EXPLORE(name) EXPLORE_WITH(name, .process_each = false)

// A name, and perhaps a Schedules, and then perhaps Needs.
#define EXPLORE_AS(...) CROSSTALK_EXPLORE_AT(__LINE__, __VA_ARGS__)
#define CROSSTALK_EXPLORE_AT(line, ...) CROSSTALK_EXPLORE_AT_LINE(line, __VA_ARGS__)
#define CROSSTALK_EXPLORE_AT_LINE(line, text, ...)                                                 \
  static void explore_scenario_at_##line();                                                        \
  static const ::crosstalk::harness::explore::ScenarioRegistration explore_registration_at_##line{ \
      text, explore_scenario_at_##line __VA_OPT__(, ) __VA_ARGS__};                                \
  static void explore_scenario_at_##line()

}  // namespace crosstalk::harness::explore
