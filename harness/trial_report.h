// What a trial hands back to its parent. Trivially destructible and of fixed size: it lies in memory that parent and
// child share, so that what was measured survives the child's death.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "harness/law_counts.h"
#include "harness/trial_input.h"
#include "reports/histogram.h"
#include "workloads/op.h"

namespace crosstalk::harness {

inline constexpr std::size_t kIntervals = 64;    // of one phase
inline constexpr std::size_t kCheckpoints = 64;  // digests at 2^k operations and at the end

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
};

struct IntervalReport {
  std::uint64_t completed = 0;  // filled in when threads are merged
  std::uint64_t offered = 0;
  reports::Histogram response;
  reports::Histogram lateness;  // open loop
};

// A digest of everything the server answered and delivered up to the `operations`-th operation of the trace.
struct Checkpoint {
  std::uint64_t operations = 0;
  std::uint64_t digest = 0;
};

struct TrialReport {
  std::atomic<Phase> phase{Phase::prefill};
  bool interrupted = false;
  bool counting_only = false;  // null server
  std::array<KindReport, workloads::kOpKindCount> kinds;
  std::array<IntervalReport, kIntervals> warmup;
  std::array<IntervalReport, kIntervals> measure;
  std::uint64_t interval_ns = 0;  // of `measure`
  std::uint64_t warmup_interval_ns = 0;
  reports::Histogram delivery_first;
  reports::Histogram delivery_last;
  double measured_s = 0;
  double jain_clients = 1;
  double jain_threads = 1;
  LawCounts laws;
  std::array<Checkpoint, kCheckpoints> checkpoints;
  std::uint64_t checkpoint_count = 0;
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
  std::uint64_t rss_max_bytes = 0;  // above what the process had before the server was built
  std::uint64_t setup_ns = 0;       // building the server and prefill
  std::array<char, 200> failure{};  // the exception that ended the trial, as text; empty: none
};
static_assert(std::is_trivially_destructible_v<TrialReport>);

}  // namespace crosstalk::harness
