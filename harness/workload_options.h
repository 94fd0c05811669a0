// What is asked for of the workload: the flags that `run` and `trace` share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/plan.h"
#include "harness/settings.h"
#include "workloads/scenario.h"

namespace crosstalk::harness {

struct WorkloadOptions {
  std::string scenario_name;     // as given: a name or a path; empty for a replay
  workloads::Scenario scenario;  // --set applied
  std::string settings;          // see PlanRow
  std::string trace;             // path; empty for a scenario
  double time_scale = 0;         // 0: not given
  double lurkers = 0;
  LoadModel load = LoadModel::closed;
  std::vector<std::uint32_t> clients;  // {0} for a replay
  std::vector<double> rates;           // {0} where the load model has none; with a profile its mean
  std::string stages;                  // see PlanRow
  std::string envelope;
  std::string think;
  double profile_ns =
      0;  // length of what stages or envelope describe; an envelope's before it is scaled; 0: neither
  std::uint64_t seed = 0;
  bool seed_was_chosen = false;  // for the user
};

// How often the files that are named will be read.
enum class Reading : std::uint8_t {
  once,
  again,  // a pipe would be empty the second time: refused
};

// Resolves scenario, set, trace, time-scale, lurkers, load, rate, stages, envelope, think, clients and seed; adds what the scenario file
// says to the settings. Throws UsageError and workloads::InputError.
[[nodiscard]] WorkloadOptions read_workload(Settings& settings, Reading reading = Reading::once);

}  // namespace crosstalk::harness
