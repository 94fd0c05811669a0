#include "harness/verify/child_end.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

void end_child(int code) noexcept {
  _exit(code);
}

void wait_for_end() noexcept {
  for (;;) pause();
}

int end_of_killed(CaseRun& run, pid_t child) {
  kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    const timespec nap{.tv_sec = 0, .tv_nsec = 200'000};
    nanosleep(&nap, nullptr);
    run.step();
  }
  return status;
}

}  // namespace crosstalk::harness::verify
