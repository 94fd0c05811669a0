// For tests: what the system does to a process. The wall clock jumps and threads cannot be made, on request: this program's
// own clock_gettime and pthread_create stand before the system's. Signals hit all threads again and again.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace crosstalk::pool {

// Moves what clock_gettime(CLOCK_REALTIME) tells, for all of the program. Back to nothing at the end.
class WallClockJumps {
 public:
  WallClockJumps();  // an hour forward and back, again and again
  ~WallClockJumps();
  WallClockJumps(const WallClockJumps&) = delete;
  WallClockJumps& operator=(const WallClockJumps&) = delete;

 private:
  std::atomic<bool> end_{false};
  std::thread thread_;
};

// Lets the next `good` threads be made; the `bad` ones after that fail with EAGAIN.
class ThreadFailures {
 public:
  ThreadFailures(int good, int bad);
  ~ThreadFailures();
  ThreadFailures(const ThreadFailures&) = delete;
  ThreadFailures& operator=(const ThreadFailures&) = delete;

  [[nodiscard]] int failed() const noexcept;  // so far
};

// Sends a handled signal, without SA_RESTART, to every thread of the process in turn.
class SignalStorm {
 public:
  SignalStorm();
  ~SignalStorm();
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;

  [[nodiscard]] static unsigned long handled() noexcept;

 private:
  std::atomic<bool> end_{false};
  std::thread thread_;
};

}  // namespace crosstalk::pool
