// Counts what operations do: a server of its own goes through the beginning of the trace, one operation after the other.
//
// Exact: equal programs count the same, to the last digit, on any machine. Nothing is timed, no books are kept, and the server's memory
// comes from operator new, so that all of it is seen. One thread runs at a time: on the pooled path, and where posts are handed out by
// a pool, the pool has one worker, which is waited for until it sleeps again. So every submission wakes it: what is counted
// is the most that a submission costs, not what it costs a pool that is busy.
//
// As many operations as are counted go before, uncounted, so that what only happens at first is not in the counts.
#pragma once

#include <cstdint>

#include "harness/count/operation_counts.h"
#include "harness/server_under_test.h"
#include "harness/trial_input.h"

namespace crosstalk::harness::count {

// How many operations are counted: 10 000, fewer where there are more than a thousand clients, for then each of them takes long; 250 where
// a worker is waited for, which on a busy machine takes milliseconds each time; of a trace that does not repeat itself at most half.
[[nodiscard]] std::uint64_t counted_operations(const workloads::Trace& trace, bool with_worker) noexcept;

// Posts stay in memory and faults are not injected, whatever the input says. Nothing is counted (no operations in the result) after a
// signal, with Dispatch::thread, or where a pool would be needed and its sleep cannot be seen. Switches CallTally on and
// LiveProbe of the whole process to watching in the end: for a process of its own. Throws what the server throws.
[[nodiscard]] OperationCounts count_operations(const ServerKind& kind, const TrialInput& input);

}  // namespace crosstalk::harness::count
