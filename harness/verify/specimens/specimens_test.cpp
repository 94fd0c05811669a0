#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "harness/verify/specimen.h"
#include "harness/verify/specimens/chapter_pool.h"
#include "harness/verify/specimens/fairness_mutants.h"

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

}  // namespace crosstalk::harness::verify
