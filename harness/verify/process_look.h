// A look at another process through /proc: which of its threads sleep, and how much of the processor they have used.
#pragma once

#include <sys/types.h>

#include "harness/verify/stall_judge.h"

namespace crosstalk::harness::verify {

struct Page;

// Threads that the page names as helpers are left out.
[[nodiscard]] StallSample look_at_process(pid_t process, const Page& page);

// 'R', 'S', 'T', ... of a thread of this process; '?' if there is no such thread.
[[nodiscard]] char state_of_thread(pid_t thread);

// Whether the threads of this process sleep, all but the calling one and the page's helpers: then nothing is under way in it.
[[nodiscard]] bool others_sleep(const Page& page);

}  // namespace crosstalk::harness::verify
