// Stall: what to say when no thread can go on.
#pragma once

namespace crosstalk::harness::explore {

// Nobody can run. If somebody sleeps who could be woken for no reason, that is tried, one after the other, to tell a lost wake-up
// from a deadlock; else, or when all have been tried, the execution fails.
void rescue_or_report() noexcept;

// Only threads are left that look again and again.
[[noreturn]] void report_livelock() noexcept;

// The execution came to its end: a failure if somebody had to be rescued.
void report_rescue() noexcept;

}  // namespace crosstalk::harness::explore
