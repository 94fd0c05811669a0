// What a trial hands back to its parent. Trivially destructible and of fixed size: it lies in memory that parent and
// child share, so that what was measured survives the child's death.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "harness/count/operation_counts.h"
#include "harness/flow_meter.h"
#include "harness/foreign_load.h"
#include "harness/hardware_counters.h"
#include "harness/law_counts.h"
#include "harness/live_series.h"
#include "harness/trial_input.h"
#include "reports/client_curve.h"
#include "reports/histogram.h"
#include "workloads/op.h"

namespace crosstalk::harness {

inline constexpr std::size_t kCheckpoints = 64;  // digests at 2^k operations and at the end

// Where the time of operations went: sums over those of the measured phase, in ticks.
struct AnatomyReport {
  std::uint64_t count = 0;
  TickSum total = 0;  // response
  std::uint64_t lateness = 0;
  TickSum queue = 0;       // for the driver that was busy, or a worker
  std::uint64_t wait = 0;  // for locks
  std::uint64_t hold = 0;
  std::uint64_t sections = 0;  // locked ones, not ticks

  AnatomyReport& operator+=(const AnatomyReport& other) noexcept {
    count += other.count;
    total += other.total;
    lateness += other.lateness;
    queue += other.queue;
    wait += other.wait;
    hold += other.hold;
    sections += other.sections;
    return *this;
  }
};

// The longest waits for a lock, and the most that later arrivals got ahead of one that waited.
struct LockMaxima {
  std::uint64_t wait_ticks = 0;
  std::uint64_t writer_wait_ticks = 0;
  std::uint64_t bypass = 0;

  void raise_to(const LockMaxima& other) noexcept {
    wait_ticks = std::max(wait_ticks, other.wait_ticks);
    writer_wait_ticks = std::max(writer_wait_ticks, other.writer_wait_ticks);
    bypass = std::max(bypass, other.bypass);
  }
};

// Of all acquisitions of a trial, warm-up included, those that found somebody in their way.
struct LockContention {
  std::uint64_t acquisitions = 0;
  std::uint64_t contended = 0;

  LockContention& operator+=(const LockContention& other) noexcept {
    acquisitions += other.acquisitions;
    contended += other.contended;
    return *this;
  }
};

struct KindReport {
  std::uint64_t count = 0;
  std::uint64_t errors = 0;
  std::uint64_t rejected = 0;
  std::uint64_t late = 0;
  std::uint64_t offered = 0;
  std::uint64_t gap_max_ns = 0;
  reports::Histogram service;
  reports::Histogram response;  // open loop; closed: empty, since response = service
  reports::Histogram queue;     // pooled
  reports::Histogram lateness;  // open loop
  AnatomyReport anatomy;        // where it was asked for
};

struct IntervalReport {
  std::uint64_t completed = 0;  // filled in when threads are merged
  std::uint64_t offered = 0;
  reports::Histogram response;
  reports::Histogram lateness;  // open loop
};

// What the live checks cost, see check_cost.h: 0.01 = operations take 1 % longer.
struct CheckCost {
  std::uint64_t pairs = 0;  // of slices; 0: not known
  double share = 0;         // of the service time
  double low = 0;           // 95 % interval
  double high = 0;
  double loop_share = 0;  // of all that a driver does, receives and books included
};

// A digest of everything the server answered and delivered up to the `operations`-th operation of the trace.
struct Checkpoint {
  std::uint64_t operations = 0;
  std::uint64_t digest = 0;
};

struct TrialReport {
  std::atomic<Phase> phase{Phase::prefill};
  LiveSeries live;  // where TrialOptions::live asks for it
  bool interrupted = false;
  bool counting_only = false;  // null server
  std::array<KindReport, workloads::kOpKindCount> kinds;
  std::array<IntervalReport, kIntervals> warmup;
  std::array<IntervalReport, kIntervals> measure;
  std::uint64_t interval_ns = 0;  // of `measure`
  std::uint64_t warmup_interval_ns = 0;
  std::uint64_t warmup_ns = 0;  // as long as it took
  bool never_steady = false;    // it was to end in a steady state, and did not
  std::uint64_t repeats = 0;    // of operations of the measured phase, see repeat.h
  reports::Histogram delivery_first;
  reports::Histogram delivery_last;
  reports::Histogram delivery_median;   // of some posts
  reports::Histogram delivery_receive;  // of the same
  LockMaxima locks;                     // with anatomy
  double section_cost_ticks = 0;        // what measuring one locked section costs
  CheckCost check_cost;                 // where TrialOptions::check_cost asks for it
  FlowReport flows;
  std::uint64_t measured_ticks = 0;
  double measured_s = 0;
  reports::ClientCurve client_curve;
  double jain_clients = 1;
  double jain_threads = 1;
  LawCounts laws;
  std::array<Checkpoint, kCheckpoints> checkpoints;
  std::uint64_t checkpoint_count = 0;
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
  std::uint64_t faults_minor = 0;
  std::uint64_t faults_major = 0;
  HardwareCounts hardware;
  ForeignLoad foreign;
  std::uint64_t rss_max_bytes = 0;  // above what the process had before the server was built
  std::uint64_t setup_ns = 0;       // building the server and prefill
  std::array<char, 200> failure{};  // the exception that ended the trial, as text; empty: none
  LockContention contention;        // with anatomy, direct path
  count::OperationCounts counts;    // where TrialOptions::count asks for them
};
static_assert(std::is_trivially_destructible_v<TrialReport>);

}  // namespace crosstalk::harness
