// Where nodes are between their uses. The counts are of the whole process, so the tests look at differences.
#include "pool/locks/clh_nodes.h"

#include <catch2/catch.hpp>

#include <memory>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/locks/clh_lock.h"

namespace crosstalk::pool {
namespace {

// Of the nodes ever made, those that are in use or kept by a thread.
std::uint64_t clh_nodes_out() {
  return detail::clh_nodes_made() - detail::clh_nodes_listed();
}

TEST_CASE("clh nodes: a thread uses the one it gave back last", "[pool][lock][clh]") {
  std::thread([] {
    detail::ClhNode* const first = detail::take_clh_node();
    detail::ClhNode* const second = detail::take_clh_node();
    REQUIRE(first != second);
    detail::give_clh_node(first);
    detail::give_clh_node(second);  // one is kept already, so to the list
    CHECK(detail::take_clh_node() == first);
    CHECK(detail::take_clh_node() == second);
    detail::give_clh_node(first);
    detail::give_clh_node(second);
  }).join();
}

TEST_CASE("clh nodes: a thread that ends hands its node back", "[pool][lock][clh]") {
  const std::uint64_t out = clh_nodes_out();
  std::thread([&] {
    detail::give_clh_node(detail::take_clh_node());
    CHECK(clh_nodes_out() == out + 1);
  }).join();
  CHECK(clh_nodes_out() == out);
}

TEST_CASE("clh nodes: a lock in use has one, and gives it back when destroyed", "[pool][lock][clh]") {
  std::thread([] {
    detail::give_clh_node(detail::take_clh_node());
    const std::uint64_t out = clh_nodes_out();
    {
      std::vector<ClhLock> locks(100);
      CHECK(clh_nodes_out() == out);
      for (ClhLock& lock : locks) lock.lock();
      for (ClhLock& lock : locks) lock.unlock();
      // The thread's own went with the first lock; the others were taken one by one.
      CHECK(clh_nodes_out() == out - 1 + 100);
    }
    CHECK(clh_nodes_out() == out);
  }).join();
}

TEST_CASE("clh nodes: no operation on a lock that is in use asks for memory", "[pool][lock][clh]") {
  constexpr unsigned kThreads = 4;
  ClhLock lock;
  const auto use = [&](unsigned) {
    for (int i = 0; i < 2'000; ++i) {
      if (i % 2 == 0 || !lock.try_lock()) lock.lock();
      lock.unlock();
    }
  };
  detail::run_threads(kThreads, use);
  // At most one node for each thread that runs at the same time, and one for the lock.
  const std::uint64_t made = detail::clh_nodes_made();
  for (int round = 0; round < 20; ++round) detail::run_threads(kThreads, use);
  CHECK(detail::clh_nodes_made() <= made + kThreads);
  std::thread([&] {
    lock.lock();
    lock.unlock();
    const std::uint64_t before = clh_nodes_out();
    use(0);
    CHECK(clh_nodes_out() == before);
  }).join();
}

}  // namespace
}  // namespace crosstalk::pool
