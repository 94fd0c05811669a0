// How a child process that runs a case ends: at once, without destructors, whatever its other threads do; and how it ends children of its own.
#pragma once

#include <sys/types.h>

namespace crosstalk::harness::verify {

class CaseRun;

[[noreturn]] void end_child(int code) noexcept;
// For a thread that comes too late to report: until the process has ended.
[[noreturn]] void wait_for_end() noexcept;

// Kills a child of the case and returns its status. To end may take it as long as its disk is busy: the case gets on meanwhile.
[[nodiscard]] int end_of_killed(CaseRun& run, pid_t child);

}  // namespace crosstalk::harness::verify
