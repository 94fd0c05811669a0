#include <catch2/catch.hpp>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "harness/child.h"
#include "harness/interrupt.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"

#if defined(__SANITIZE_THREAD__)
// Other tests of this program have run threads before a child is forked, which ThreadSanitizer takes amiss
// when the child starts threads of its own. It only stops watching such a child, which is enough here.
extern "C" const char* __tsan_default_options();  // NOLINT: the name is the sanitizer's
extern "C" const char* __tsan_default_options() {
  return "die_after_fork=0";
}  // NOLINT
#endif

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kOneSecond = 1'000'000'000;
constexpr std::uint64_t kNeverReached = 600 * kOneSecond;

// Sanitizers catch signals to print a report; here the signal itself is wanted.
void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct Fate {
  SharedReport report = make_shared_report();
  std::string text;
};

Fate fate_of(TrialFn trial, std::uint64_t timeout_ns = kNeverReached) {
  const TestTrial setup(crowd_trace(2, 10, 0), 1);
  Fate fate;
  fate.text = run_in_child(trial, setup.input, *fate.report, timeout_ns);
  return fate;
}

TEST_CASE("a trial that ends well says nothing and leaves its report", "[harness][child]") {
  const Fate fate = fate_of(&run_trial<pool::CoarseServer<std::mutex, LiveProbe>>);
  CHECK(fate.text.empty());
  CHECK(of_kind(*fate.report, workloads::OpKind::post).count == 10);
  CHECK(broken(*fate.report).empty());
  CHECK(fate.report->laws.received == 10);
  CHECK(fate.report->phase.load() == Phase::done);
}

TEST_CASE("a crash is named with its signal and phase, and what was measured survives", "[harness][child]") {
  const Fate fate = fate_of([](const TrialInput&, TrialReport& report) {
    report.kinds[0].count = 42;
    report.measured_s = 1.5;
    report.phase = Phase::measure;
    die_of(SIGSEGV);
  });
  CHECK(fate.text == "killed by signal 11 (Segmentation fault) while measuring");
  CHECK(fate.report->kinds[0].count == 42);
  CHECK(fate.report->measured_s == 1.5);
}

TEST_CASE("an abort is a crash", "[harness][child]") {
  const Fate fate = fate_of([](const TrialInput&, TrialReport& report) {
    report.phase = Phase::check;
    die_of(SIGABRT);
  });
  CHECK(fate.text == "killed by signal 6 (Aborted) while checking");
}

// Valgrind knows no descriptors of processes, and trials under it ended as if they had hung.
TEST_CASE("a child's end is seen without a descriptor of it", "[harness][child]") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = dup(0);
  REQUIRE(next >= 0);
  close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const SharedReport report = make_shared_report();
  const std::string text = run_in_child([](TrialReport&) { _exit(7); }, nullptr, *report, kNeverReached);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(text == "ended with exit code 7 during prefill");
}

TEST_CASE("an exit code is named", "[harness][child]") {
  CHECK(fate_of([](const TrialInput&, TrialReport&) { _exit(7); }).text ==
        "ended with exit code 7 during prefill");
}

TEST_CASE("an exception is named with its text", "[harness][child]") {
  const Fate fate = fate_of([](const TrialInput&, TrialReport& report) {
    report.phase = Phase::warmup;
    throw std::runtime_error("no more paper");
  });
  CHECK(fate.text == "ended by an exception during warm-up: no more paper");
  const Fate odd = fate_of([](const TrialInput&, TrialReport& report) {
    report.phase = Phase::drain;
    throw 7;
  });
  CHECK(odd.text == "ended by an exception while draining: an exception that is no std::exception");
}

TEST_CASE("the text of an exception is cut to what the report holds", "[harness][child]") {
  const Fate fate =
      fate_of([](const TrialInput&, TrialReport&) { throw std::runtime_error(std::string(1'000, 'x')); });
  CHECK(fate.text ==
        "ended by an exception during prefill: " + std::string(TrialReport{}.failure.size() - 1, 'x'));
}

TEST_CASE("a trial that hangs is killed after its time", "[harness][child]") {
  const auto hang = [](const TrialInput&, TrialReport& report) {
    report.kinds[1].count = 5;
    report.phase = Phase::measure;
    for (;;) pause();
  };
  const Fate fate = fate_of(hang, 3 * kOneSecond);
  CHECK(fate.text == "did not end within 3 s, killed while measuring");
  CHECK(fate.report->kinds[1].count == 5);
}

TEST_CASE("a child leaves the heap, the statics and the signals of its parent alone", "[harness][child]") {
  static int touched = 0;
  const Fate fate = fate_of([](const TrialInput&, TrialReport& report) {
    ++touched;
    std::raise(SIGINT);  // signals are the parent's business
    report.kinds[0].count = static_cast<std::uint64_t>(touched);
  });
  CHECK(fate.text.empty());
  CHECK(fate.report->kinds[0].count == 1);
  CHECK(touched == 0);
}

// The trial has an hour to go; the signal that its measured phase sends to the parent ends it.
TEST_CASE("a stop ends a trial under way, and what it measured counts", "[harness][child]") {
  for (const bool open_loop : {false, true}) {
    const Interrupt interrupt;
    TestTrial setup(crowd_trace(5, 100, 0), 2);
    setup.input.options.operations = 0;
    setup.input.options.duration_ns = 3'600 * kOneSecond;
    setup.input.options.open_loop = open_loop;
    setup.input.stop = &interrupt.stop();
    setup.input.on_phase = [](Phase phase) {
      if (phase == Phase::measure) kill(getppid(), SIGINT);
    };
    const SharedReport report = make_shared_report();
    CHECK(run_in_child(&run_trial<pool::CoarseServer<std::mutex, LiveProbe>>, setup.input, *report,
                       kNeverReached)
              .empty());
    CHECK(report->interrupted);
    CHECK(report->phase.load() == Phase::done);
    CHECK(broken(*report).empty());
    CHECK(interrupt.signal() == SIGINT);
  }
}

TEST_CASE("reports are made fresh and apart", "[harness][child]") {
  const SharedReport first = make_shared_report();
  const SharedReport second = make_shared_report();
  CHECK(first.get() != second.get());
  CHECK(first->phase.load() == Phase::prefill);
}

}  // namespace
}  // namespace crosstalk::harness
