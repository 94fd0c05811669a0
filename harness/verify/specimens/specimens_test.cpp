#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/verify/lock_cases.h"
#include "harness/verify/pool_cases.h"
#include "harness/verify/service_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/specimens/chapter_pool.h"
#include "harness/verify/specimens/fairness_mutants.h"
#include "harness/verify/sync_cases.h"
#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

namespace {

// Says that it is bounded, and not by what.
class BoundedByNothing : public M05Lock<false> {
 public:
  static constexpr pool::LockContract kContract{.shared = true,
                                                .fairness = pool::Fairness::bounded,
                                                .parks = true,
                                                .algorithm = "prefers readers",
                                                .source = "test"};
};

// Whoever would have to wait is told that the time is over.
class HastyPermits final : public PermitsOnTrial {
 public:
  explicit HastyPermits(std::uint32_t permits) : permits_(permits) {}
  bool try_acquire() override {
    const std::lock_guard guard(mutex_);
    if (permits_ == 0) return false;
    --permits_;
    return true;
  }
  bool acquire(std::chrono::nanoseconds) override { return try_acquire(); }
  void release(std::uint32_t count) override {
    const std::lock_guard guard(mutex_);
    permits_ += count;
  }

 private:
  std::mutex mutex_;  // guards the permits
  std::uint32_t permits_;
};

class HastyConnections final : public ConnectionsOnTrial {
 public:
  explicit HastyConnections(unsigned most) : free_(most) {
    for (unsigned i = 0; i < most; ++i) free_[i] = static_cast<int>(i);
  }
  int acquire(std::chrono::nanoseconds) override {
    const std::lock_guard guard(mutex_);
    if (free_.empty()) return -1;
    const int one = free_.back();
    free_.pop_back();
    return one;
  }
  void give_back(int connection) override {
    const std::lock_guard guard(mutex_);
    free_.push_back(connection);
  }

 private:
  std::mutex mutex_;  // guards the list
  std::vector<int> free_;
};

// Takes events and calls nobody.
class DeafBus final : public BusOnTrial {
 public:
  class Token final : public Subscriber {
   public:
    void unsubscribe() override {}
  };
  std::unique_ptr<Subscriber> subscribe(std::function<void(const BusEvent&)>) override {
    return std::make_unique<Token>();
  }
  void publish(const BusEvent&) override {}
  void settle() override {}
  std::uint64_t failed() const override { return 0; }
};

CaseEnd end_of_case(const std::vector<VerifyCase>& cases, const std::string& name,
                    const CaseOptions& options) {
  const auto which =
      std::find_if(cases.begin(), cases.end(), [&](const VerifyCase& one) { return one.name == name; });
  REQUIRE(which != cases.end());
  return run_case(*which, options);
}

std::uint64_t times_of(const CaseEnd& end, const std::string& cell) {
  for (const CellCount& one : end.cells) {
    if (one.name == cell) return one.count;
  }
  return 0;
}

AnyPool chapter_pool_of(PoolBug bug, const pool::PoolContract& contract) {
  return {[bug](const pool::PoolOptions& options) { return std::make_unique<ChapterPool>(options, bug); },
          contract};
}

}  // namespace

TEST_CASE("no two specimens are the same, and each has cases", "[harness][verify]") {
  std::set<std::pair<SpecimenKind, std::string>> seen;
  for (const Specimen& specimen : all_specimens()) {
    CHECK(seen.emplace(specimen.kind, specimen.name).second);
    CHECK_FALSE(specimen.cases.empty());
  }
}

TEST_CASE("the twin of the chapter's pool runs every task and ends", "[harness][verify]") {
  std::atomic<int> ran{0};
  ChapterPool pool(pool::PoolOptions::fixed(2), PoolBug::none);
  // relaxed: only the number counts.
  for (int i = 0; i < 10; ++i)
    pool.post([&ran] { ran.fetch_add(1, std::memory_order_relaxed); }, pool::Priority::normal);
  pool.shutdown();
  CHECK(ran.load(std::memory_order_relaxed) == 10);
  CHECK(pool.stats().completed == 10);
  CHECK(pool.post([] {}, pool::Priority::normal) == pool::Admission::rejected);
}

TEST_CASE("who waits for slots, results, space and connections is explained", "[harness][verify][stress]") {
  const std::pair<const char*, const char*> expected[] = {
      {"W01", " holds slots of the pool and waits in get() of result "},
      {"W02", "thread 0 owes space in the queue and waits in publish() of space in the queue"},
      {"W03", "thread 0 holds connections and waits in acquire() of connections"}};
  for (const Specimen& specimen : all_specimens()) {
    for (const auto& [name, sentence] : expected) {
      if (specimen.name != name || specimen.kind != SpecimenKind::mutant) continue;
      const CaseEnd end = run_case(specimen.cases[0], {.seconds = 1});
      INFO(end.detail);
      CHECK(end.stall.starts_with("deadlock: "));
      CHECK(end.stall.find(sentence) != std::string::npos);
    }
  }
}

TEST_CASE("a wrong order of locks is found at once, one under a gate never", "[harness][verify][stress]") {
  for (const Specimen& specimen : all_specimens()) {
    if (specimen.name == "M11" && specimen.kind == SpecimenKind::mutant) {
      const CaseEnd end = run_case(specimen.cases[0], {.seconds = 5, .rounds_most = 1});
      CHECK(end.property == "no deadlock");
      CHECK(end.stall.empty());
      CHECK(end.detail.starts_with("locks are taken in orders that can meet"));
    }
    if (specimen.name == "D13") CHECK(run_case(specimen.cases[0], {.seconds = 0.2}).verdict == Verdict::pass);
  }
}

TEST_CASE("a lock that is bounded by nothing is not asked for a bound", "[harness][verify][stress]") {
  // The drill of readers that overtake a writer.
  const CaseEnd end = end_of_case(lock_cases(any_lock<BoundedByNothing>()), "drills",
                                  {.seconds = 1, .first_round = 6, .rounds_most = 1});
  CHECK(end.verdict != Verdict::fail);
  CHECK(times_of(end, "drill: a writer beside readers") == 1);
}

TEST_CASE("among equal priorities any order is right where none is promised", "[harness][verify][stress]") {
  const auto drills = [](PoolBug bug, const pool::PoolContract& contract) {
    return end_of_case(pool_cases(chapter_pool_of(bug, contract)), "drills",
                       {.seconds = 5, .rounds_most = 2});
  };
  const CaseEnd classes = drills(PoolBug::m25_unstable, {.priorities = true});
  CHECK(classes.verdict == Verdict::pass);
  CHECK(times_of(classes, "drill: order of priority") == 2);
  const CaseEnd patient = drills(PoolBug::m25_unstable, {.priorities = true, .patience = 8});
  CHECK(times_of(patient, "drill: order of priority") == 2);
  CHECK(drills(PoolBug::m25_unstable, {.priorities = true, .patience = 1}).cells.size() ==
        classes.cells.size() - 1);
  CHECK(drills(PoolBug::m25_unstable, {.fifo = true, .priorities = true}).verdict == Verdict::fail);
}

TEST_CASE("a pool that says that it breathes has to grow", "[harness][verify][stress]") {
  const AnyPool stiff{[](const pool::PoolOptions& options) {
                        return std::make_unique<ChapterPool>(pool::PoolOptions::fixed(options.min_threads),
                                                             PoolBug::none);
                      },
                      {.elastic = true}};
  const CaseEnd end = end_of_case(pool_cases(stiff), "breathing", {.seconds = 1});
  CHECK(end.property == "grows to max_threads");
  const AnyPool right = chapter_pool_of(PoolBug::none, {.elastic = true, .threads_counted = true});
  CHECK(end_of_case(pool_cases(right), "breathing", {.seconds = 5, .rounds_most = 3}).verdict !=
        Verdict::fail);
}

TEST_CASE("who has an hour and gives up at once has broken a promise", "[harness][verify][stress]") {
  const AnyPermits permits{[](std::uint32_t count) { return std::make_unique<HastyPermits>(count); }};
  CHECK(end_of_case(permit_cases(permits), "stress", {.seconds = 5}).property == "permits");
  const AnyConnections connections{[](unsigned most) { return std::make_unique<HastyConnections>(most); },
                                   {}};
  CHECK(end_of_case(connection_cases(connections), "stress", {.seconds = 5}).property == "permits");
}

TEST_CASE("a bus that calls nobody is found, though it gets on", "[harness][verify][stress]") {
  const AnyBus deaf{[] { return std::make_unique<DeafBus>(); }, {}};
  const CaseEnd end =
      end_of_case({{"churn", [deaf](CaseRun& run) { churn_bus(run, deaf); }}}, "churn", {.seconds = 5});
  CHECK(end.property == "exactly once");
  CHECK(end.stall.empty());
}

}  // namespace crosstalk::harness::verify
