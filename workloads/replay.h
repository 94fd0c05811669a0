// From the rows of a chat log to a trace. A log says what happened, not who was there before, and it has
// gaps. What it leaves out is read so:
//
// - A user's first event in a room, unless it is a join or a move into it: the user was a member there from
//   the start. This holds for a user's first session, if that was there from the start.
// - A user's first event, unless it is a connect: the user had a session from the start. So has a user who is
//   only ever a target.
// - A message while absent: a join is put before it.
// - A leave while absent, a join while present: dropped. Of a move, the half that is left to do is done.
// - A connect while connected, a disconnect while not: dropped. A disconnect ends all memberships.
// - Any other event without a session: a connect is put before it.
//
// All of this is counted in the trace's notes. What is put before an event falls on its instant. Everything
// else stays as it is, be it the history of a room that the user has left or a direct message to somebody
// without a session: the server answers.
#pragma once

#include <cstdint>

#include "workloads/trace.h"
#include "workloads/trace_csv.h"

namespace crosstalk::workloads {

struct ReplayOptions {
  double time_scale = 0;   // 0.001 to 1e9: trace times are divided by it; 0: fit the trace into duration_ns
  double duration_ns = 0;  // used where time_scale is 0
  double lurkers =
      0;  // silent members per speaker of each room, 0 to 10,000; clients of their own, in one room each
  std::uint64_t seed = 0;  // which rooms get the lurkers that a fraction leaves over
};

// The first row is instant 0, the last operation the end of the lap; the trace does not repeat. A trace that
// is too short to fill duration_ns is stretched a thousandfold at most. Throws InputError for an option out
// of bounds and for rows without any operation.
[[nodiscard]] Trace make_replay(const TraceRows& rows, const ReplayOptions& options);

}  // namespace crosstalk::workloads
