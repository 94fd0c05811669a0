// Runs a trial in a freshly forked process: a strategy that crashes or hangs costs its own row, peak memory is the
// trial's own, and no trial inherits another one's heap. The calling process must have one thread only.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "harness/catalog.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

// A report in memory that a child shares. Throws std::bad_alloc.
struct UnmapReport {
  void operator()(TrialReport* report) const noexcept;
};
using SharedReport = std::unique_ptr<TrialReport, UnmapReport>;
[[nodiscard]] SharedReport make_shared_report();

// Called by the parent about four times a second while a child runs; empty: never. Must not throw.
using ChildWatch = std::function<void()>;

// Runs `trial` in a child until it ends or `timeout_ns` have passed, when it is killed. Returns why it did not end as it
// should ("killed by signal 11 (Segmentation fault) while measuring"); empty: it did. What was measured is in `report`
// in either case. Throws std::system_error if the system has no more processes.
[[nodiscard]] std::string run_in_child(TrialFn trial, const TrialInput& input, TrialReport& report,
                                       std::uint64_t timeout_ns, const ChildWatch& watch = {});

// The same for any work. `stop`, which a signal sets, leaves the child half a minute; may be null.
[[nodiscard]] std::string run_in_child(const std::function<void(TrialReport&)>& work,
                                       const std::atomic<bool>* stop, TrialReport& report,
                                       std::uint64_t timeout_ns, const ChildWatch& watch = {});

}  // namespace crosstalk::harness
