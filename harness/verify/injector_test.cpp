#include "harness/verify/injector.h"

#include <catch2/catch.hpp>

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {
namespace {

using Steady = std::chrono::steady_clock;

// Holds back the needle's signals from this thread.
class HeldBack {
 public:
  HeldBack() {
    sigemptyset(&needles_);
    sigaddset(&needles_, SIGRTMIN + 4);
    pthread_sigmask(SIG_BLOCK, &needles_, &usual_);
  }
  ~HeldBack() {
    take();
    pthread_sigmask(SIG_SETMASK, &usual_, nullptr);
  }
  HeldBack(const HeldBack&) = delete;
  HeldBack& operator=(const HeldBack&) = delete;

  [[nodiscard]] bool any() const {
    sigset_t waiting;
    return sigpending(&waiting) == 0 && sigismember(&waiting, SIGRTMIN + 4) == 1;
  }
  void hold() const { pthread_sigmask(SIG_BLOCK, &needles_, nullptr); }
  void let_go() const { pthread_sigmask(SIG_UNBLOCK, &needles_, nullptr); }
  // How many there were. They queue.
  std::uint64_t take() const {
    const timespec at_once{};
    std::uint64_t count = 0;
    while (sigtimedwait(&needles_, nullptr, &at_once) > 0) ++count;
    return count;
  }

 private:
  sigset_t needles_{}, usual_{};
};

TEST_CASE("needles do not pile up before a thread that does not get round to them", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  const HeldBack held;
  const auto begin = Steady::now();
  Needle needle(*page);
  needle.aim({gettid()});
  while (!held.any()) {
  }
  // A hundred pauses between needles.
  while (Steady::now() - begin < std::chrono::milliseconds(15)) {
  }
  const std::uint64_t count = held.take();
  CHECK(count == 1);
}

TEST_CASE("a needle that was dealt with is followed by the next", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  page->members.store(1);
  Needle needle(*page);
  needle.aim({gettid()});
  for (int needles = 0; needles < 3; ++needles) {
    const HeldBack held;
    while (!held.any()) raise(page->member[0].steps);  // or it would be thought to hang
    held.let_go();                                     // the handler runs
  }
}

TEST_CASE("where steps are long the needle goes on without one", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  note(page->patience, std::uint32_t{1'000'000});
  Needle needle(*page);
  needle.aim({gettid()});
  const HeldBack held;
  for (int needles = 0; needles < 150; ++needles) {
    while (!held.any()) {
    }
    held.let_go();
    held.hold();
  }
}

TEST_CASE("a timer at rest interrupts nobody, and goes on with what was left", "[harness][verify]") {
  const HeldBack held;
  OwnTimer timer(1'000'000);
  const auto use_processor = [](std::uint64_t ns) {
    timespec begin{}, now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do {
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while (static_cast<std::uint64_t>((now.tv_sec - begin.tv_sec) * 1'000'000'000 + now.tv_nsec -
                                        begin.tv_nsec) < ns);
  };
  use_processor(30'000'000);
  CHECK_FALSE(held.any());
  // Rounds that are shorter than its time each.
  while (!held.any()) {
    timer.go_on();
    use_processor(100'000);
    timer.rest();
  }
  held.take();
  use_processor(30'000'000);
  CHECK_FALSE(held.any());
}

}  // namespace
}  // namespace crosstalk::harness::verify
