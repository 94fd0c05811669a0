// A thread to which the system gives no other threads: pthread_create() on it fails with EAGAIN, as where the machine has as many as it
// may have. Other threads of the process are not concerned.
#pragma once

#include <functional>

namespace crosstalk::harness::verify {

// Runs the work on such a thread, and returns when it has ended. Throws what the work throws, and std::runtime_error on a system
// that cannot refuse threads (no seccomp): then the work has not run.
void where_no_thread_starts(const std::function<void()>& work);

}  // namespace crosstalk::harness::verify
