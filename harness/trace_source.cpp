#include "harness/trace_source.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

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
  return workloads::ArrivalLaw::closed;
}

workloads::Trace generated(const PlanRow& row) {
  const auto file = workloads::load_scenario(workloads::find_scenario(row.scenario), program_keys());
  return workloads::make_trace(file.scenario, row.seed, row.clients,
                               {.law = law_of(row.load), .rate_ops_s = row.rate_ops_s});
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
    key << row.clients << ' ' << to_string(row.load) << ' ' << row.rate_ops_s;
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
  prepared->drivers = workloads::split_by_driver(prepared->trace, row.threads);
  prepared->name = row.trace.empty() ? row.scenario : std::filesystem::path(row.trace).filename().string();
  prepared->lap_deliveries = workloads::describe(prepared->trace).deliveries;
  if (kept_.size() == kKept) kept_.pop_front();
  kept_.push_back({key, prepared});
  return prepared;
}

}  // namespace crosstalk::harness
