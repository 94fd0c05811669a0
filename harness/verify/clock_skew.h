// How far apart the clocks of two processors read by ticks_before() and ticks_after() were seen to be. Intervals of histories are
// widened by it, so that a clock that is off hides findings and never invents one.
#pragma once

#include <cstdint>

namespace crosstalk::harness::verify {

// In ticks; 0 where what was sent never arrived before it was sent. Between the calling thread's processor and each other one that it may use, if those
// are few, else between two. Takes some milliseconds; the calling process then has had other threads, which have ended.
[[nodiscard]] std::uint64_t measure_clock_skew();

}  // namespace crosstalk::harness::verify
