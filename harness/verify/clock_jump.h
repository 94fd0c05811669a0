// A wall clock that jumps, without touching the machine's: what this process reads of CLOCK_REALTIME through the C library is an hour
// ahead or behind for some readings, then right again. A deadline that was computed from such a reading comes an hour late, as it does
// if somebody sets the clock back; one by the steady clock is not moved.
#pragma once

namespace crosstalk::harness::verify {

// From now on, in the calling process, for good: only for a child that runs a case. False: not on this system, and nothing has changed.
[[nodiscard]] bool let_wall_clock_jump() noexcept;

}  // namespace crosstalk::harness::verify
