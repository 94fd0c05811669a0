// Scheduler: who runs next. Time is virtual: it moves when everybody waits, or when a time-out is chosen to come early.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// A scheduling point right before an operation that other threads may notice. `what`: for the table.
void step(const char* what, Address address, std::uint32_t place) noexcept;

// Fails where an execution has taken too many steps; step() counts itself.
void count_step() noexcept;

// Gives the processor away until somebody makes the thread ready, or the deadline passes: true for the latter.
bool block(State state, Address waits_for, std::uint64_t deadline_ns = 0) noexcept;

// Something changed that others may wait for or spin on.
void note_change() noexcept;

// Makes those ready that wait for it; who of them gets it, the schedule says.
void wake_all(State state, Address waited_for) noexcept;
// Wakes at most `count`, which the schedule chooses, and returns how many.
int wake_some(State state, Address waited_for, int count, std::uint32_t channels = ~0U) noexcept;

// The thread looked, and saw nothing new if it has looked at the same before: after 64 such looks in a row it waits for a change.
// Null: no object in particular, and nothing new.
void look_in_vain(Address address) noexcept;

// The thread will be made to wait although it might go on: not all schedules of the kind are run.
void note_cut() noexcept;

// The thread is over: gives the processor away and does not ask for it again. Returns when its stack is borrowed anew.
void give_up_for_good() noexcept;

}  // namespace crosstalk::harness::explore
