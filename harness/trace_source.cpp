#include "harness/trace_source.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "harness/mix.h"
#include "harness/run_options.h"
#include "workloads/describe.h"
#include "workloads/generate.h"
#include "workloads/replay.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

workloads::ArrivalLaw law_of(LoadModel load) {
  if (load == LoadModel::constant) return workloads::ArrivalLaw::constant;
  if (load == LoadModel::poisson) return workloads::ArrivalLaw::poisson;
  if (load == LoadModel::hawkes) return workloads::ArrivalLaw::hawkes;
  return workloads::ArrivalLaw::closed;
}

workloads::Trace generated(const PlanRow& row) {
  auto file = workloads::load_scenario(workloads::find_scenario(row.scenario), program_keys());
  if (!row.settings.empty()) workloads::set_keys(file.scenario, row.settings);
  return workloads::make_trace(file.scenario, row.seed, row.clients,
                               {.law = law_of(row.load), .rate_ops_s = row.rate_ops_s});
}

// In the warm-up the rate is the one with which the profile begins.
workloads::RateProfile profile_of(const PlanRow& row) {
  if (!row.has_profile()) return {};
  const auto profile = row.stages.empty() ? workloads::read_envelope(row.envelope).compressed(row.time_scale)
                                          : workloads::parse_stages(row.stages);
  const double mean_ops_s = profile.operations() / profile.length_ns() * 1e9;
  return profile.scaled_rate(row.rate_ops_s / mean_ops_s).led_in(static_cast<double>(row.warmup_ns));
}

// An open loop at a rate is a replay at the time scale that gives this rate.
workloads::Trace replayed(const PlanRow& row) {
  const workloads::TraceRows rows = workloads::read_trace_csv(row.trace);
  return workloads::make_replay(rows, {.time_scale = row.time_scale,
                                       .duration_ns = static_cast<double>(row.duration_ns),
                                       .lurkers = row.lurkers,
                                       .seed = row.seed});
}

// Rows with equal keys have equal traces.
std::string key_of(const PlanRow& row) {
  std::ostringstream key;
  key.precision(17);
  key << row.scenario << '\n' << row.trace << '\n' << row.threads << ' ' << row.seed << ' ';
  if (row.trace.empty()) {
    key << row.clients << ' ' << to_string(row.load) << ' ' << row.rate_ops_s << ' ' << row.settings;
    if (row.has_profile())
      key << ' ' << row.stages << '\n' << row.envelope << '\n' << row.time_scale << ' ' << row.warmup_ns;
  } else {
    key << row.time_scale << ' ' << row.lurkers << ' ' << (row.time_scale == 0 ? row.duration_ns : 0);
  }
  return key.str();
}

}  // namespace

std::shared_ptr<const PreparedTrace> TraceSource::get(const PlanRow& row) {
  const std::string key = key_of(row);
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Entry& entry) { return entry.key == key; });
  if (found != kept_.end()) {
    Entry entry = std::move(*found);
    kept_.erase(found);
    kept_.push_back(std::move(entry));
    return kept_.back().trace;
  }
  auto prepared = std::make_shared<PreparedTrace>();
  prepared->trace = row.trace.empty() ? generated(row) : replayed(row);
  prepared->profile = profile_of(row);
  if (row.has_profile()) prepared->trace.hash = mix(prepared->trace.hash, prepared->profile.hash());
  if (!row.envelope.empty()) prepared->trace.time_scale = row.time_scale;
  prepared->drivers = workloads::split_by_driver(prepared->trace, row.threads);
  prepared->name = row.trace.empty() ? row.scenario : std::filesystem::path(row.trace).filename().string();
  prepared->lap_deliveries = workloads::describe(prepared->trace).deliveries;
  if (kept_.size() == kKept) kept_.pop_front();
  kept_.push_back({key, prepared});
  return prepared;
}

}  // namespace crosstalk::harness
