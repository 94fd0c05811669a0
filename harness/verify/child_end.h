// How a child process that runs a case ends: at once, without destructors, whatever its other threads do.
#pragma once

namespace crosstalk::harness::verify {

[[noreturn]] void end_child(int code) noexcept;
// For a thread that comes too late to report: until the process has ended.
[[noreturn]] void wait_for_end() noexcept;

}  // namespace crosstalk::harness::verify
