#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>

#include <sys/mman.h>

#include "harness/reference_check.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/reference_server.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

PreparedTrace prepared(workloads::Trace trace, std::uint64_t deliveries = 0) {
  PreparedTrace result;
  result.trace = std::move(trace);
  result.lap_deliveries = deliveries;
  return result;
}

Strategy strategy_of(TrialFn trial) {
  Strategy strategy;
  strategy.name = "reference/none";
  strategy.trial = trial;
  return strategy;
}
Strategy truth() {
  return strategy_of(&run_trial<pool::ReferenceServer>);
}

using Checked = pool::CoarseServer<std::mutex, LiveProbe>;

TEST_CASE("only a checked one-driver direct trial can be compared", "[harness][reference_check]") {
  const Strategy reference = truth();
  const ReferenceCheck check(&reference);
  const PreparedTrace trace = prepared(mixed_trace(1));
  TrialOptions options;
  CHECK(check.limit(trace, options, 1) > 0);
  CHECK(check.limit(trace, options, 2) == 0);
  options.checks = Checks::off;
  CHECK(check.limit(trace, options, 1) == 0);
  options.checks = Checks::full;
  options.path = Path::pooled;
  CHECK(check.limit(trace, options, 1) == 0);
  CHECK(ReferenceCheck(nullptr).limit(trace, TrialOptions{}, 1) == 0);
}

TEST_CASE("all of a replay and of a full check is compared, else what the reference gets through",
          "[harness][reference_check]") {
  const Strategy reference = truth();
  const ReferenceCheck check(&reference);
  TrialOptions options;
  PreparedTrace trace = prepared(mixed_trace(1));
  const std::uint64_t operations = trace.trace.ops.size();
  CHECK(check.limit(trace, options, 1) == 1U << 17);  // nothing is delivered: the most there is
  trace.lap_deliveries = 499 * operations;
  CHECK(check.limit(trace, options, 1) == 10'000);  // 5 M deliveries of 499 + 1 an operation
  trace.lap_deliveries = 1'000'000 * operations;
  CHECK(check.limit(trace, options, 1) == 1'024);  // but some are always compared
  CHECK(ReferenceCheck(&reference, 100).limit(trace, options, 1) == 100);
  CHECK(ReferenceCheck(&reference, 5'000).limit(trace, options, 1) == 1'024);
  CHECK(ReferenceCheck(&reference, 0).limit(trace, options, 1) == 0);
  options.checks = Checks::full;
  CHECK(check.limit(trace, options, 1) == kAll);
  CHECK(ReferenceCheck(&reference, 100).limit(trace, options, 1) == 100);
  options.checks = Checks::live;
  trace.trace.repeats = false;
  CHECK(check.limit(trace, options, 1) == kAll);
  trace.trace.ops.clear();
  trace.trace.repeats = true;
  CHECK(check.limit(trace, options, 1) >= 1'024);
}

// A trial with a journal, and the trace as the check wants it.
struct Journaled {
  TestTrial trial;
  PreparedTrace trace;

  explicit Journaled(std::uint64_t limit, std::uint64_t operations = 3'000,
                     workloads::Trace source = mixed_trace(3))
      : trial(std::move(source), 1), trace(prepared(trial.trace())) {
    trial.input.options.checkpoint_limit = limit;
    trial.input.options.operations = operations;
  }
};

TEST_CASE("a server that does the same agrees, over laps, warm-up and pace", "[harness][reference_check]") {
  const Strategy reference = truth();
  ReferenceCheck check(&reference);
  for (const std::uint64_t limit : {std::uint64_t{1}, std::uint64_t{777}, std::uint64_t{1'024}, kAll}) {
    const Journaled journaled(limit, 5'000);
    const auto report = journaled.trial.run(&run_trial<Checked>);
    CHECK(report->checkpoints[report->checkpoint_count - 1].operations ==
          std::min<std::uint64_t>(limit, 5'000));
    CHECK(check.compare(journaled.trace, journaled.trial.input, *report) == "");
  }
  Journaled paced(500, 1'000, mixed_trace(4, {.law = workloads::ArrivalLaw::poisson, .rate_ops_s = 1e5}));
  paced.trial.input.options.open_loop = true;
  paced.trial.input.options.warmup_ns = 1'000'000;
  CHECK(check.compare(paced.trace, paced.trial.input, *paced.trial.run(&run_trial<Checked>)) == "");
}

TEST_CASE("the reference agrees with itself, replays too", "[harness][reference_check]") {
  const Strategy reference = truth();
  ReferenceCheck check(&reference);
  workloads::Trace trace = mixed_trace(5);
  trace.repeats = false;
  const Journaled journaled(kAll, 0, trace);
  const auto report = journaled.trial.run(reference.trial);
  CHECK(report->checkpoints[report->checkpoint_count - 1].operations == trace.ops.size());
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) == "");
}

TEST_CASE("the first checkpoint that differs is named with the last that agreed",
          "[harness][reference_check]") {
  const Strategy reference = truth();
  ReferenceCheck check(&reference);
  const Journaled journaled(600);
  const auto report = journaled.trial.run(&run_trial<Checked>);
  REQUIRE(report->checkpoint_count == 11);  // 1, 2, 4, ... 512, 600
  report->checkpoints[10].digest ^= 1;
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) ==
        "differs from the reference server between operation 512 and 600");
  report->checkpoints[4].digest ^= 1;
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) ==
        "differs from the reference server between operation 8 and 16");
  report->checkpoints[0].digest ^= 1;
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) ==
        "differs from the reference server between operation 0 and 1");
}

TEST_CASE("without a reference, a journal or deliveries nothing is compared", "[harness][reference_check]") {
  const Journaled journaled(600);
  const auto report = journaled.trial.run(&run_trial<Checked>);
  report->checkpoints[0].digest ^= 1;
  CHECK(ReferenceCheck(nullptr).compare(journaled.trace, journaled.trial.input, *report) == "");
  const Strategy reference = truth();
  ReferenceCheck check(&reference);
  report->counting_only = true;
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) == "");
  report->counting_only = false;
  report->checkpoint_count = 0;
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) == "");
}

TEST_CASE("if no checkpoint can be compared that is no agreement", "[harness][reference_check]") {
  const Strategy reference = truth();
  ReferenceCheck check(&reference);
  const Journaled journaled(600);
  const auto report = journaled.trial.run(&run_trial<Checked>);
  REQUIRE(check.compare(journaled.trace, journaled.trial.input, *report) == "");
  report->checkpoint_count = 1;
  report->checkpoints[0].operations = 300;  // the run of 600 has 256 and 512
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) ==
        "no operation could be compared with the reference server");
}

TEST_CASE("a reference that fails says so", "[harness][reference_check]") {
  const Strategy reference =
      strategy_of([](const TrialInput&, TrialReport&) { throw std::runtime_error("no truth today"); });
  ReferenceCheck check(&reference);
  const Journaled journaled(600);
  const auto report = journaled.trial.run(&run_trial<Checked>);
  CHECK(check.compare(journaled.trace, journaled.trial.input, *report) ==
        "the reference server ended by an exception during prefill: no truth today");
}

// Counts its runs where the processes that make them can reach.
std::atomic<int>* reference_runs = nullptr;

TEST_CASE("the reference runs once per trace, and again only for more of it", "[harness][reference_check]") {
  void* memory =
      mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  reference_runs = new (memory) std::atomic<int>(0);
  const Strategy reference = strategy_of([](const TrialInput& input, TrialReport& report) {
    ++*reference_runs;
    run_trial<pool::ReferenceServer>(input, report);
  });
  ReferenceCheck check(&reference);
  const auto compare = [&](std::uint64_t limit, std::uint64_t seed) {
    const Journaled journaled(limit, 3'000, mixed_trace(seed));
    CHECK(check.compare(journaled.trace, journaled.trial.input, *journaled.trial.run(&run_trial<Checked>)) ==
          "");
    return reference_runs->load();
  };
  CHECK(compare(600, 1) == 1);
  CHECK(compare(600, 1) == 1);
  CHECK(compare(256, 1) == 1);
  CHECK(compare(1'000, 1) == 2);
  CHECK(compare(600, 1) == 2);
  CHECK(compare(600, 2) == 3);
  munmap(memory, sizeof(std::atomic<int>));
}

}  // namespace
}  // namespace crosstalk::harness
