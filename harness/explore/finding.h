// Finding: what an exploration may end with. The values are stored in memory that a child process shares with its parent.
#pragma once

#include <cstdint>
#include <string_view>

namespace crosstalk::harness::explore {

enum class Finding : std::uint8_t {
  none,
  assertion,         // assert(), explore::require(), abort(), an exception that nobody catches
  race,              // two plain accesses, or a plain and an atomic one, that nothing orders
  use_after_free,    // or freed twice
  deadlock,          // no thread can run, whatever happens
  lost_wake_up,      // no thread can run, but one spurious wake-up would have helped
  livelock,          // only threads are left that look again and again at what nobody changes
  misuse,            // of an interface: unlocked twice, destroyed while in use
  crash,             // a signal
  hang,              // the processor was busy outside of everything that the explorer sees
  limit,             // too many threads, too much memory, an execution that does not end
  unsupported,       // a call that the explorer does not model
  nondeterministic,  // the same schedule did not do the same
};

[[nodiscard]] std::string_view to_string(Finding finding) noexcept;

}  // namespace crosstalk::harness::explore
