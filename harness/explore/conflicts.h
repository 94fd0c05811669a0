// Conflicts: which preemptions matter. Depth first, a thread is taken off the processor before a step only if another has been seen to use
// later what the step uses, and one of the two changes it; else the step might as well have come first, and the thread been taken off
// behind it, at the same price. After dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005). Only preemptions are left out, never
// a choice of who goes on where a thread cannot, nor of who is woken: so nothing is lost within a bound.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

[[nodiscard]] bool map_conflicts() noexcept;

// How the current thread uses an object. A change conflicts with whatever others do. A hand-back, which is an unlock, is none only beside
// another one (of readers); it differs from taking the lock, although who wants that cannot have it before: who is made to wait gives the
// processor away for nothing, while behind the unlock it takes a preemption to stop him.
enum class Use : std::uint8_t { look, change, hand_back };

// All of these do nothing unless Runtime::reducing.
void note_use(Address object, Use use) noexcept;
// No thread in particular changes it: time passes.
void note_use_by_nobody(Address object) noexcept;
// All that lies in a block of memory is gone.
void note_end(Address block, std::size_t bytes) noexcept;
// The step of the current thread cannot change places with what others may do, whatever they have used.
void note_conflict() noexcept;

}  // namespace crosstalk::harness::explore
