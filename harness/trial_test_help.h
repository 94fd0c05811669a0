// For tests: small traces, trials that run in this process, and a count of what is allocated.
#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "harness/catalog.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "workloads/generate.h"
#include "workloads/random.h"
#include "workloads/trace.h"

namespace crosstalk::harness {

// Gives a trace made by hand its instants, the numbers of its operations and its hash. All clients are
// connected.
inline workloads::Trace finished(workloads::Trace trace, double gap_ns = 1000) {
  std::vector<std::uint32_t> sequences(trace.clients);
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    trace.ops[i].intended_ns = static_cast<double>(i) * gap_ns;
    trace.ops[i].sequence = sequences[trace.ops[i].client]++;
  }
  trace.connected.resize(trace.clients);
  std::iota(trace.connected.begin(), trace.connected.end(), 0U);
  trace.lap_ns = static_cast<double>(trace.ops.size()) * gap_ns;
  trace.hash = hash_of(trace);
  return trace;
}

// One room that everybody is in; random members post.
inline workloads::Trace crowd_trace(std::uint32_t clients, std::uint32_t posts, std::uint64_t seed) {
  workloads::Trace trace;
  trace.clients = clients;
  trace.rooms = 1;
  for (std::uint32_t client = 0; client < clients; ++client) trace.members.push_back({client, 0});
  workloads::RandomStream random(seed, workloads::Purpose::operations);
  for (std::uint32_t i = 0; i < posts; ++i) {
    trace.ops.push_back({.client = static_cast<std::uint32_t>(random.below(clients)), .bytes = 20});
  }
  return finished(std::move(trace));
}

// A few busy rooms in which everything happens.
inline workloads::Scenario mixed_scenario() {
  workloads::Scenario scenario;
  scenario.name = "mixed";
  scenario.rooms = 5;
  scenario.rooms_per_client = {0.5, 0.3, 0.2};
  scenario.silent_share = 0.3;
  scenario.churn = 0.4;
  scenario.away_share = 0.2;
  scenario.move = 0.1;
  scenario.kick_share = 0.2;
  scenario.direct = 0.2;
  scenario.history = scenario.who = scenario.presence = scenario.mark = 0.1;
  scenario.upload = 0.05;
  scenario.upload_bytes = 5'000;
  scenario.lap_operations = 2'000;
  return scenario;
}
inline workloads::Trace mixed_trace(std::uint64_t seed, const workloads::Arrival& arrival = {}) {
  return make_trace(mixed_scenario(), seed, 40, arrival);
}

// A trace with what a trial of it needs; direct, closed loop, one lap of operations unless changed.
class TestTrial {
 public:
  TestTrial(workloads::Trace trace, unsigned drivers)
      : trace_(std::move(trace)), drivers_(split_by_driver(trace_, drivers)) {
    input.trace = &trace_;
    input.drivers = &drivers_;
    input.options.interval_ns = 10'000'000;
    input.options.operations = trace_.repeats ? trace_.ops.size() : 0;
    input.options.spin = false;  // the machine may have fewer processors than the trial has threads
  }
  TestTrial(const TestTrial&) = delete;
  TestTrial& operator=(const TestTrial&) = delete;

  TestTrial& pooled(unsigned workers, pool::QueuePolicy policy = pool::QueuePolicy::block,
                    std::size_t capacity = 1024) {
    input.options.path = Path::pooled;
    input.options.workers = workers;
    input.options.inflight = 4 * workers;
    input.options.queue_policy = policy;
    input.options.queue_capacity = capacity;
    return *this;
  }

  TestTrial& dispatched(pool::Dispatch dispatch, unsigned workers = 2) {
    input.options.dispatch = dispatch;
    input.options.workers = workers;
    return *this;
  }
  TestTrial& stored_in(const std::string& folder) {
    input.options.store = StoreKind::sqlite;
    input.folder = folder;
    return *this;
  }

  [[nodiscard]] std::unique_ptr<TrialReport> run(TrialFn trial) const {
    auto report = std::make_unique<TrialReport>();
    trial(input, *report);
    return report;
  }

  [[nodiscard]] const workloads::Trace& trace() const noexcept { return trace_; }

  TrialInput input;

 private:
  workloads::Trace trace_;
  std::vector<std::vector<workloads::Op>> drivers_;
};

inline std::string broken(const TrialReport& report) {
  return report.laws.broken.data();
}

inline const KindReport& of_kind(const TrialReport& report, workloads::OpKind kind) {
  return report.kinds[static_cast<std::size_t>(kind)];
}

// Sums a member over the kinds that clients ask for.
inline std::uint64_t sum_of(const TrialReport& report, std::uint64_t KindReport::*member) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < report.kinds.size(); ++i) {
    const auto kind = static_cast<workloads::OpKind>(i);
    if (kind != workloads::OpKind::receive && kind != workloads::OpKind::persist)
      sum += report.kinds[i].*member;
  }
  return sum;
}
inline std::uint64_t sum_of(const std::array<IntervalReport, kIntervals>& slices,
                            std::uint64_t IntervalReport::*member) {
  return std::accumulate(
      slices.begin(), slices.end(), std::uint64_t{0},
      [member](std::uint64_t sum, const IntervalReport& slice) { return sum + slice.*member; });
}

// What operator new has handed out in this program so far. Counted in allocation_test.cpp.
struct Allocations {
  std::uint64_t calls = 0;
  std::uint64_t bytes = 0;
};
[[nodiscard]] Allocations allocations() noexcept;

}  // namespace crosstalk::harness
