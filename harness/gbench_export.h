// A results folder in the JSON of Google Benchmark, for its compare.py, github-action-benchmark (tool: googlecpp), Bencher and
// whatever else reads that.
#pragma once

#include <string>

#include "harness/recorded_folder.h"

namespace crosstalk::harness {

// "community/sharded/ticket/closed/clients:5000/threads:2": the same for the same measurement of another day.
[[nodiscard]] std::string benchmark_name(const reports::TrialIdentity& id,
                                         std::optional<double> offered_ops_s);

// Two benchmarks for each strategy and load, a repetition a trial, aggregates over the sound ones:
//
//   NAME               real_time: wall time per operation (closed loop: 1 / throughput, so that smaller is better), or the
//                      mean response (open loop, where throughput is given); cpu_time: processor time per operation
//   NAME/response_p99  real_time: p99 of the response; cpu_time as above
//
// Times are nanoseconds, items_per_second is the throughput, iterations are operations, threads are drivers. A trial that was
// not measured soundly has error_occurred and error_message. Null rows, the harness's own cost, are left out.
[[nodiscard]] std::string gbench_json(const RecordedFolder& folder);

}  // namespace crosstalk::harness
