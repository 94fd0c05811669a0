// TraceHash: what has happened in an execution so far, as a number that is the same for all orders of it that make no difference: operations
// on different objects may change places, and so may two looks at one. So depth-first search knows where it has been, whatever way led
// there, and goes on from each such point once (state caching by happens-before, as in CHESS: Musuvathi and Qadeer, PLDI 2007).
//
// Nothing is lost by it within a bound: from the same point, with the same thread at work and no more preemptions left, the same can follow.
// What a program makes of the addresses of its objects is not part of the number.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

[[nodiscard]] bool map_trace_hash() noexcept;

// Before a search.
void forget_visits() noexcept;

enum class Use : std::uint8_t { look, change };

// All of these do nothing unless Runtime::hashing.
// The current thread uses an object that others may use.
void note_use(Address object, Use use) noexcept;
// It comes to know something that no object holds: that its time is up, for instance.
void note_fact(std::uint64_t fact) noexcept;
// It hands what it knows to another, which it wakes or starts.
void note_hand_over(Thread& other) noexcept;

// Whether the search has been here before with at least as many preemptions left; from now on it has.
[[nodiscard]] bool was_here(int preemptions_left) noexcept;

}  // namespace crosstalk::harness::explore
