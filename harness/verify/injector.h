// Preemption where it hurts. On few processors threads overlap seldom by themselves; so a thread yields, spins and sleeps between
// operations and while it holds the object, one victim among them far more often, and a needle interrupts threads wherever they are,
// inside the code under test too, to make them yield or sleep there.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <thread>
#include <vector>

#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

enum class Disturbance : std::uint8_t { none, light, heavy };

// Of one thread.
class Injector {
 public:
  Injector() noexcept : random_(0) {}
  Injector(std::uint64_t seed, Disturbance how, bool victim) noexcept
      : random_(seed), how_(how), odds_(victim ? 16 : 1) {}

  // Between two operations, or between an operation's steps.
  void outside() noexcept {
    if (how_ != Disturbance::none) disturb(false);
  }
  // While the object is held, or in a closure that it runs.
  void inside() noexcept {
    if (how_ != Disturbance::none) disturb(true);
  }

 private:
  void disturb(bool held) noexcept;

  Random random_;
  Disturbance how_ = Disturbance::none;
  std::uint64_t odds_ = 1;
};

inline constexpr unsigned kNeedleTargets = 64;

// Interrupts threads of this process at random instants by a signal, whose handler yields or sleeps. System calls that it interrupts go
// on (SA_RESTART). A second source is each thread's own timer of processor time (arm_own_timer).
class Needle {
 public:
  // One at a time. Registers its thread as the page's helper.
  explicit Needle(Page& page);
  ~Needle();
  Needle(const Needle&) = delete;
  Needle& operator=(const Needle&) = delete;

  // The threads to interrupt from now on, by their numbers for the kernel; none: it rests.
  void aim(const std::vector<int>& threads);

 private:
  void run();

  Page& page_;
  std::array<std::atomic<int>, kNeedleTargets> targets_{};
  std::atomic<unsigned> count_{0};
  std::atomic<unsigned> aims_{0};  // how often it was aimed: whoever is aimed at anew has not hung
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

// A timer that interrupts the calling thread, as the needle does, after each `ns` of processor time (or each tick of the kernel,
// if that is longer) while it does not rest. Rests at first. Ends with the object. Needs a Needle.
class OwnTimer {
 public:
  explicit OwnTimer(std::uint64_t ns) noexcept;
  ~OwnTimer();
  OwnTimer(const OwnTimer&) = delete;
  OwnTimer& operator=(const OwnTimer&) = delete;

  // With what was left when it came to rest: rounds may be shorter than its time.
  void go_on() noexcept;
  void rest() noexcept;

 private:
  const timespec every_;
  timespec left_;
  void* timer_ = nullptr;
  bool made_ = false;
};

}  // namespace crosstalk::harness::verify
