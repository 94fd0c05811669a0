#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "pool/conformance.h"
#include "pool/executor/executor_test_help.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a strand runs its tasks one at a time and in order", "[pool][strand][stress]") {
  ThreadPool pool(fixed_pool(3));
  const unsigned each = stress_rounds(5'000);
  struct Lane {
    explicit Lane(ThreadPool& pool) : strand(pool) {}
    Strand strand;
    std::vector<unsigned> order;  // unguarded on purpose: the strand is the guard
  };
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < 4; ++i) lanes.push_back(std::make_unique<Lane>(pool));
  for (unsigned i = 0; i < each; ++i) {
    for (auto& lane : lanes) {
      lane->strand.post(Task([&lane = *lane, i] { lane.order.push_back(i); }), static_cast<Priority>(i % 4));
    }
  }
  pool.wait_idle();
  for (const auto& lane : lanes) {
    REQUIRE(lane->order.size() == each);
    for (unsigned i = 0; i < each; ++i) REQUIRE(lane->order[i] == i);
  }
}

TEST_CASE("a strand goes on after a task that throws", "[pool][strand]") {
  ThreadPool pool(fixed_pool(2));
  Strand strand(pool);
  int ran = 0;
  strand.post(Task([] { throw 1; }), Priority::high);
  strand.post(Task([&] { ++ran; }), Priority::high);
  pool.wait_idle();
  CHECK(ran == 1);
}

}  // namespace
}  // namespace crosstalk::pool
