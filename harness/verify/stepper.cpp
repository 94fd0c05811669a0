#include "harness/verify/stepper.h"

#include <sched.h>

#include <ctime>

namespace crosstalk::harness::verify {

namespace {

constexpr unsigned kPausesMost = 100;

void sleep_a_moment() noexcept {
  const timespec time{.tv_sec = 0, .tv_nsec = 2'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

}  // namespace

// relaxed (all here): only the numbers count; the code under test has to order itself.
void StepMeeting::did_one() noexcept {
  done.store(done.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  for (unsigned i = 0; i < kPausesMost && paused.load(std::memory_order_relaxed); ++i) sched_yield();
}

}  // namespace crosstalk::harness::verify

#if defined(__x86_64__) && defined(__linux__)

#include <ucontext.h>

#include <cerrno>
#include <csignal>

namespace crosstalk::harness::verify {

namespace {

void pause_for(StepMeeting* meeting) noexcept {
  if (meeting == nullptr) return sleep_a_moment();
  // relaxed (all): see did_one().
  const std::uint64_t before = meeting->done.load(std::memory_order_relaxed);
  meeting->paused.store(true, std::memory_order_relaxed);
  for (unsigned i = 0; i < kPausesMost && meeting->done.load(std::memory_order_relaxed) == before; ++i) {
    i % 2 == 0 ? static_cast<void>(sched_yield()) : sleep_a_moment();
  }
  meeting->paused.store(false, std::memory_order_relaxed);
}

constexpr long long kTrapFlag = 0x100;

// Of the thread; its own signal handler alone changes it meanwhile.
thread_local volatile std::uint32_t steps_left = 0;
thread_local StepMeeting* awaited = nullptr;

extern "C" void on_step(int, siginfo_t*, void* context) {
  auto& flags = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL];
  if (steps_left != 0) {
    steps_left = steps_left - 1;
    flags |= kTrapFlag;
    return;
  }
  flags &= ~kTrapFlag;
  const int kept = errno;
  pause_for(awaited);
  errno = kept;
}

}  // namespace

void step_then_pause(std::uint32_t instructions, StepMeeting* meeting) noexcept {
  static const bool ready = [] {
    struct sigaction action {};
    action.sa_sigaction = on_step;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGTRAP, &action, nullptr) == 0;
  }();
  if (!ready) return;
  steps_left = instructions;
  awaited = meeting;
  // Its handler sets the flag in what the thread comes back to.
  ::raise(SIGTRAP);
}

}  // namespace crosstalk::harness::verify

#else

namespace crosstalk::harness::verify {

void step_then_pause(std::uint32_t, StepMeeting*) noexcept {}

}  // namespace crosstalk::harness::verify

#endif
