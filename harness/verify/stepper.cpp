#include "harness/verify/stepper.h"

#if defined(__x86_64__) && defined(__linux__)

#include <sched.h>
#include <ucontext.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace crosstalk::harness::verify {

namespace {

constexpr long long kTrapFlag = 0x100;

// Of the thread; its own signal handler alone changes it meanwhile.
thread_local volatile std::uint32_t steps_left = 0;

extern "C" void on_step(int, siginfo_t*, void* context) {
  auto& flags = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL];
  if (steps_left != 0) {
    steps_left = steps_left - 1;
    flags |= kTrapFlag;
    return;
  }
  flags &= ~kTrapFlag;
  const int kept = errno;
  // Long enough for another thread to do something, if a processor is free; and if none is, that one gets this one's.
  const timespec time{.tv_sec = 0, .tv_nsec = 2'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
  errno = kept;
}

}  // namespace

void step_then_pause(std::uint32_t instructions) noexcept {
  static const bool ready = [] {
    struct sigaction action {};
    action.sa_sigaction = on_step;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGTRAP, &action, nullptr) == 0;
  }();
  if (!ready) return;
  steps_left = instructions;
  // Its handler sets the flag in what the thread comes back to.
  raise(SIGTRAP);
}

}  // namespace crosstalk::harness::verify

#else

namespace crosstalk::harness::verify {

void step_then_pause(std::uint32_t) noexcept {}

}  // namespace crosstalk::harness::verify

#endif
