#include "harness/verify/stall_judge.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "harness/verify/page.h"
#include "harness/verify/process_look.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness::verify {

namespace {

// A process watched tick by tick.
class TickedProcess {
 public:
  explicit TickedProcess(unsigned factor = 1, unsigned processors = 1) : judge_(factor, processors) {}
  StallSample next;

  // What the judge says after so many ticks like `next`, each using `cpu_ns`; the first that is not none.
  Stall ticks(unsigned count, std::uint64_t cpu_ns) {
    for (unsigned i = 0; i < count; ++i) {
      next.now_ns += StallJudge::kTickNs;
      next.cpu_ns += cpu_ns;
      if (const Stall stall = judge_.judge(next); stall != Stall::none) return stall;
    }
    return Stall::none;
  }

 private:
  StallJudge judge_;
};

}  // namespace

TEST_CASE("all asleep without progress is a stall", "[harness][verify]") {
  TickedProcess watched;
  watched.next.all_asleep = true;
  CHECK(watched.ticks(StallJudge::kAsleepSamples, 0) == Stall::none);
  CHECK(watched.ticks(1, 0) == Stall::asleep);
}

TEST_CASE("who sleeps but for a moment now and then hangs only beside a sanitizer", "[harness][verify]") {
  TickedProcess plain;
  TickedProcess sanitized(10);
  plain.next.all_asleep = sanitized.next.all_asleep = true;
  CHECK(plain.ticks(1'000, 100'000) == Stall::none);
  CHECK(sanitized.ticks(10 * StallJudge::kAsleepSamples, 100'000) == Stall::none);
  CHECK(sanitized.ticks(1, 100'000) == Stall::asleep);
}

TEST_CASE("progress begins the count anew", "[harness][verify]") {
  TickedProcess watched;
  watched.next.all_asleep = true;
  for (unsigned i = 0; i < 10; ++i) {
    CHECK(watched.ticks(StallJudge::kAsleepSamples, 0) == Stall::none);
    ++watched.next.steps;
  }
}

TEST_CASE("processor time without progress is a livelock", "[harness][verify]") {
  TickedProcess watched;
  CHECK(watched.ticks(1 + StallJudge::kBurningNs / 100'000'000, 100'000'000) == Stall::none);
  CHECK(watched.ticks(1, 100'000'000) == Stall::burning);
}

TEST_CASE("a case of long steps is given as many times the processor time", "[harness][verify]") {
  TickedProcess watched;
  watched.next.patience = 3;
  CHECK(watched.ticks(1 + 3 * StallJudge::kBurningNs / 100'000'000, 100'000'000) == Stall::none);
  CHECK(watched.ticks(1, 100'000'000) == Stall::burning);
}

TEST_CASE("threads that use many processors at once are given as much processor time more",
          "[harness][verify]") {
  TickedProcess watched(1, 8);
  watched.next.threads = 20;
  CHECK(watched.ticks(1 + 4 * StallJudge::kBurningNs / 100'000'000, 100'000'000) == Stall::none);
  CHECK(watched.ticks(1, 100'000'000) == Stall::burning);
  // One thread alone cannot use them.
  TickedProcess alone(1, 8);
  CHECK(alone.ticks(2 + StallJudge::kBurningNs / 100'000'000, 100'000'000) == Stall::burning);
  TickedProcess unknown(1, 0);
  CHECK(unknown.ticks(2 + StallJudge::kBurningNs / 100'000'000, 100'000'000) == Stall::burning);
}

TEST_CASE("a process of which no thread can be seen is not asleep", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  const StallSample sample = look_at_process(0, *page);
  CHECK(sample.threads == 0);
  CHECK_FALSE(sample.all_asleep);
}

TEST_CASE("who runs beside the caller is not asleep", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  std::atomic<bool> runs{false};
  std::atomic<bool> over{false};
  std::thread other([&] {
    note(runs, true);
    while (!look(over)) {
    }
  });
  while (!look(runs)) std::this_thread::yield();
  CHECK_FALSE(others_sleep(*page));
  note(over, true);
  other.join();
  // A sanitizer may have a thread of its own.
  if (!pool::kSanitized) CHECK(others_sleep(*page));
}

TEST_CASE("a process that gets no processor time has not hung", "[harness][verify]") {
  TickedProcess watched;
  CHECK(watched.ticks(10'000, 0) == Stall::none);
}

TEST_CASE("a process that is stopped has not hung, nor has one whose observer was", "[harness][verify]") {
  TickedProcess watched;
  watched.next.all_asleep = true;
  watched.next.stopped = true;
  CHECK(watched.ticks(1'000, 0) == Stall::none);
  watched.next.stopped = false;
  for (unsigned i = 0; i < 10; ++i) {
    CHECK(watched.ticks(StallJudge::kAsleepSamples - 1, 0) == Stall::none);
    watched.next.now_ns += 3'600'000'000'000;
  }
}

TEST_CASE("a thread that ends takes its processor time with it", "[harness][verify]") {
  TickedProcess watched;
  CHECK(watched.ticks(10, 50'000'000) == Stall::none);
  watched.next.cpu_ns = 0;
  CHECK(watched.ticks(10, 0) == Stall::none);
}

}  // namespace crosstalk::harness::verify
