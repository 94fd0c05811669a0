// Results of trials that were never run, for the tests of the tournament.
#pragma once

#include <cstdint>
#include <string>

#include "reports/run_result.h"

namespace crosstalk::harness {

// A sound trial of a closed loop: 20 slices at ops_s, and 1,000 responses of p99_ns.
inline reports::RunResult tournament_trial(const std::string& strategy, std::uint64_t block, double ops_s,
                                           std::uint64_t p99_ns = 100) {
  reports::RunResult result;
  result.identity.run_id = "r1";
  result.identity.strategy = strategy;
  result.identity.block = block;
  result.identity.scenario = "team";
  result.identity.path = "direct";
  result.identity.load_model = "closed";
  result.identity.clients = 5'000;
  result.identity.threads = 2;
  if (strategy == "null/null") result.identity.role = "floor";
  result.verified = true;
  result.cpu_user_s = 0.2;
  reports::OpResult all;
  all.op = "all";
  all.achieved_ops_s = ops_s;
  all.count = static_cast<std::uint64_t>(ops_s / 10);
  all.response.record(p99_ns, 1'000);
  result.ops.push_back(all);
  for (int i = 0; i < 20; ++i) {
    reports::Interval slice;
    slice.op = "all";
    slice.phase = "measure";
    slice.length_ns = 10'000'000;
    slice.completed = static_cast<std::uint64_t>(ops_s / 100);
    result.intervals.push_back(slice);
  }
  return result;
}

// The same in an open loop.
inline reports::RunResult open_tournament_trial(const std::string& strategy, std::uint64_t block,
                                                std::uint64_t p99_ns) {
  reports::RunResult result = tournament_trial(strategy, block, 20'000, p99_ns);
  result.identity.load_model = "poisson";
  result.ops[0].offered_ops_s = 20'000;
  return result;
}

}  // namespace crosstalk::harness
