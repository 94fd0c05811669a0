#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "harness/verify/specimen.h"
#include "harness/verify/specimens/chapter_pool.h"
#include "harness/verify/specimens/fairness_mutants.h"
#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

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

}  // namespace crosstalk::harness::verify
