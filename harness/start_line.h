// Where the drivers of a trial wait for each other: ready, go, done. What one of them throws reaches the thread that
// waits for the end.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>

namespace crosstalk::harness {

class StartLine {
 public:
  explicit StartLine(unsigned runners) noexcept : runners_(runners) {}

  // A runner: prepares, waits for go(), then runs. Returns without running if the start was called off.
  template <class Prepare, class Run>
  void run(Prepare&& prepare, Run&& run) {
    try {
      prepare();
      step(ready_);
      // (1) - acquire: pairs with the release in go(); the runner sees all that was set before.
      go_.wait(kWait, std::memory_order_acquire);
      // acquire: as (1); the wait's own reading is not handed out.
      if (go_.load(std::memory_order_acquire) == kGo) run();
    } catch (...) {
      const std::scoped_lock guard(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    step(done_);
  }

  void wait_until_ready() const noexcept { wait_for(ready_); }
  void wait_until_done() const noexcept { wait_for(done_); }
  // acquire: pairs with the release in step(), as for who waits.
  [[nodiscard]] bool all_done() const noexcept { return done_.load(std::memory_order_acquire) == runners_; }
  void go() noexcept { open(kGo); }
  void call_off() noexcept { open(kOff); }

  // After wait_until_done(): throws what the first failing runner threw.
  void rethrow() {
    const std::scoped_lock guard(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::uint32_t kWait = 0;
  static constexpr std::uint32_t kGo = 1;
  static constexpr std::uint32_t kOff = 2;

  void open(std::uint32_t how) noexcept {
    // release: pairs with (1).
    go_.store(how, std::memory_order_release);
    go_.notify_all();
  }
  // release: pairs with the acquire in wait_for(); what the runner did is visible to who waits.
  static void step(std::atomic<std::uint32_t>& count) noexcept {
    count.fetch_add(1, std::memory_order_release);
    count.notify_all();
  }
  void wait_for(const std::atomic<std::uint32_t>& count) const noexcept {
    // acquire: pairs with the release in step().
    for (std::uint32_t seen = count.load(std::memory_order_acquire); seen < runners_;) {
      // acquire: as above.
      count.wait(seen, std::memory_order_acquire);
      seen = count.load(std::memory_order_acquire);
    }
  }

  unsigned runners_;
  std::atomic<std::uint32_t> ready_{0};
  std::atomic<std::uint32_t> go_{kWait};
  std::atomic<std::uint32_t> done_{0};
  std::mutex mutex_;  // guards failure_
  std::exception_ptr failure_;
};

}  // namespace crosstalk::harness
