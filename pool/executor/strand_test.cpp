#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
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

TEST_CASE("a long strand whose steps the caller runs is a loop, not a recursion", "[pool][strand]") {
  // An executor that runs everything at once, as a full pool under caller_runs does.
  struct Inline final : Executor {
    Admission post(Task task, Priority /*priority*/) override {
      task();
      return Admission::caller_ran;
    }
  } executor;
  Strand strand(executor);
  unsigned ran = 0;
  strand.post(Task([&] {
                for (int i = 0; i < 100'000; ++i) strand.post(Task([&ran] { ++ran; }), Priority::low);
              }),
              Priority::normal);
  CHECK(ran == 100'000);
}

TEST_CASE("a strand whose steps are dropped, refused or handed back gives up their tasks and goes on",
          "[pool][strand]") {
  for (const QueuePolicy policy : {QueuePolicy::drop_oldest, QueuePolicy::reject, QueuePolicy::caller_runs}) {
    ThreadPool pool(fixed_pool(1, 2, policy));
    std::vector<std::unique_ptr<Strand>> strands;
    std::atomic<unsigned> ended{0};  // run or destroyed
    struct Counted {
      explicit Counted(std::atomic<unsigned>& counter) : ended(&counter) {}
      Counted(Counted&& other) noexcept : ended(std::exchange(other.ended, nullptr)) {}
      Counted& operator=(Counted&&) = delete;
      ~Counted() {
        if (ended != nullptr) ++*ended;
      }
      void operator()() const {}
      std::atomic<unsigned>* ended;
    };
    for (int i = 0; i < 10; ++i) strands.push_back(std::make_unique<Strand>(pool));
    {
      const Occupied worker(pool);
      for (int i = 0; i < 100; ++i) {
        for (auto& strand : strands) strand->post(Task(Counted(ended)), Priority::normal);
      }
    }
    CHECK(pool.wait_idle());
    CHECK(ended == 1000);
    std::atomic<bool> ran{false};
    strands.front()->post(Task([&ran] { ran = true; }), Priority::normal);
    CHECK(pool.wait_idle());
    CHECK(ran);
    check_accounts(pool);
  }
}

// Queues what it is given, but fails when it is told to.
struct FailingExecutor final : Executor {
  Admission post(Task task, Priority /*priority*/) override {
    if (failures > 0) {
      --failures;
      throw std::bad_alloc();
    }
    queue.push_back(std::move(task));
    return Admission::accepted;
  }
  void run_all() {
    while (!queue.empty()) {
      Task task = std::move(queue.back());
      queue.pop_back();
      task();
    }
  }
  unsigned failures = 0;
  std::vector<Task> queue;
};

TEST_CASE("a strand whose executor throws at a post gives that task up and takes the next",
          "[pool][strand]") {
  FailingExecutor executor;
  Strand strand(executor);
  const auto owned = std::make_shared<int>(1);
  executor.failures = 1;
  CHECK_THROWS_AS(strand.post(Task([owned] {}), Priority::normal), std::bad_alloc);
  CHECK(owned.use_count() == 1);
  unsigned ran = 0;
  for (int i = 0; i < 2; ++i)
    CHECK(strand.post(Task([&ran] { ++ran; }), Priority::normal) == Admission::accepted);
  executor.run_all();
  CHECK(ran == 2);
}

TEST_CASE("a strand whose executor throws at a later step gives up as many tasks, and goes on",
          "[pool][strand]") {
  FailingExecutor executor;
  Strand strand(executor);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    strand.post(Task([&, i] {
                  order.push_back(i);
                  if (i == 0) executor.failures = 2;
                }),
                Priority::normal);
  }
  executor.run_all();
  CHECK(order == std::vector<int>{0, 3, 4});
  for (int i = 5; i < 8; ++i) {
    strand.post(Task([&, i] {
                  order.push_back(i);
                  executor.failures = 10;  // more than there are tasks
                }),
                Priority::normal);
  }
  executor.run_all();
  CHECK(order == std::vector<int>{0, 3, 4, 5});
  executor.failures = 0;
  strand.post(Task([&] { order.push_back(8); }), Priority::normal);
  executor.run_all();
  CHECK(order == std::vector<int>{0, 3, 4, 5, 8});
}

}  // namespace
}  // namespace crosstalk::pool
