// The canary against locks that keep their promise and locks that do not. Every case runs in a process of its
// own: the count of violations is one per process, and other tests want theirs to stay 0.
#include <catch2/catch.hpp>

#include <cstdint>
#include <mutex>
#include <shared_mutex>

#include "harness/child.h"
#include "harness/live_probe.h"
#include "harness/trial_test_help.h"
#include "pool/conformance.h"
#include "pool/guarded.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

// Excludes nobody, so that one thread can stand inside twice.
struct Nothing {
  void lock() noexcept {}
  void unlock() noexcept {}
};
struct NothingShared : Nothing {
  void lock_shared() noexcept {}
  void unlock_shared() noexcept {}
};

template <class L>
using Cell = pool::Guarded<int, L, LiveProbe>;

// Runs `use` in a child and returns the violations it saw there.
template <class Use>
std::uint64_t violations_in(Use) {
  const TestTrial nothing(crowd_trace(1, 0, 0), 1);
  const SharedReport report = make_shared_report();
  const TrialFn trial = [](const TrialInput&, TrialReport& result) {
    Use{}();
    result.laws.lock_violations = LiveProbe::violations();
  };
  REQUIRE(run_in_child(trial, nothing.input, *report, 60'000'000'000).empty());
  return report->laws.lock_violations;
}

TEST_CASE("accesses one after the other violate nothing", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          for (int i = 0; i < 1'000; ++i) {
            cell.write([](int& value) { return ++value; });
            cell.read([](const int& value) { return value; });
          }
        }) == 0);
}

TEST_CASE("readers of a shared lock may stand inside together", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          cell.read([&](const int&) { return cell.read([](const int& value) { return value; }); });
        }) == 0);
}

TEST_CASE("two writers inside are seen", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          cell.write([&](int&) { return cell.write([](int& value) { return ++value; }); });
        }) > 0);
}

TEST_CASE("a reader beside a writer is seen, whoever came first", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          cell.write([&](int&) { return cell.read([](const int& value) { return value; }); });
        }) > 0);
  CHECK(violations_in([] {
          LiveProbe probe;
          probe.acquired(pool::Access::shared);
          probe.acquired(pool::Access::exclusive);
          probe.released(pool::Access::shared);  // a writer is inside
          probe.released(pool::Access::exclusive);
        }) > 0);
}

TEST_CASE("readers of an exclusive lock must be alone too", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<Nothing> cell(0);
          cell.read([&](const int&) { return cell.read([](const int& value) { return value; }); });
        }) > 0);
}

TEST_CASE("a blind canary sees nothing, and watches again afterwards", "[harness][live_probe]") {
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          LiveProbe::blind(true);
          cell.write([&](int&) { return cell.write([](int& value) { return ++value; }); });
          LiveProbe::blind(false);
          cell.write([](int& value) { return ++value; });
        }) == 0);
  CHECK(violations_in([] {
          Cell<NothingShared> cell(0);
          LiveProbe::blind(true);
          LiveProbe::blind(false);
          cell.write([&](int&) { return cell.write([](int& value) { return ++value; }); });
        }) > 0);
}

template <class L>
struct Threads {
  void operator()() const {
    Cell<L> cell(0);
    pool::detail::run_threads(4, [&](unsigned id) {
      for (unsigned i = 0; i < 100 * pool::stress_rounds(100); ++i) {
        if ((i + id) % 3 == 0) {
          cell.write([](int& value) { return ++value; });
        } else {
          cell.read([](const int& value) { return value; });
        }
      }
    });
  }
};

TEST_CASE("locks that exclude give no false alarm under threads", "[harness][live_probe]") {
  CHECK(violations_in(Threads<std::mutex>{}) == 0);
  CHECK(violations_in(Threads<std::shared_mutex>{}) == 0);
}

}  // namespace
}  // namespace crosstalk::harness
