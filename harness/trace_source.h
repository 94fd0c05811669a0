// The traces that the rows of a plan need, made or read once and kept while they are likely to be needed again.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "harness/plan.h"
#include "workloads/op.h"
#include "workloads/rate_profile.h"
#include "workloads/trace.h"

namespace crosstalk::harness {

// A trace, ready for a number of drivers.
struct PreparedTrace {
  workloads::Trace trace;
  std::vector<std::vector<workloads::Op>> drivers;
  workloads::RateProfile profile;    // of the whole trial, warm-up included; empty: the rate does not change
  std::string name;                  // of the scenario, or the trace file's
  std::uint64_t lap_deliveries = 0;  // that one lap's posts and directs cause, in order
};

class TraceSource {
 public:
  // The trace of a row. Throws workloads::InputError.
  std::shared_ptr<const PreparedTrace> get(const PlanRow& row);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const PreparedTrace> trace;
  };
  static constexpr std::size_t kKept = 8;  // of up to 256 MiB each

  std::deque<Entry> kept_;  // least recently used first
};

}  // namespace crosstalk::harness
