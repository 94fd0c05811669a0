#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

ThreadPool::Options options(unsigned workers, std::size_t capacity = 1000,
                            QueuePolicy policy = QueuePolicy::block) {
  ThreadPool::Options result;
  result.workers = workers;
  result.capacity = capacity;
  result.policy = policy;
  return result;
}

void check_accounts(const PoolStats& stats) {
  CHECK(stats.submitted == stats.completed + stats.failed + stats.rejected);
}

// Holds one worker until it is opened.
class Gate {
 public:
  void wait() noexcept { open_.wait(false); }
  void open() noexcept {
    open_ = true;
    open_.notify_all();
  }

 private:
  std::atomic<bool> open_{false};
};

TEST_CASE("a task may own what only moves, small or large", "[pool][task]") {
  int seen = 0;
  Task small([owned = std::make_unique<int>(1), &seen] { seen += *owned; });
  Task large(
      [owned = std::make_unique<int>(2), pad = std::array<char, 100>{}, &seen] { seen += *owned + pad[0]; });
  Task moved = std::move(small);
  CHECK_FALSE(static_cast<bool>(small));
  moved();
  large();
  moved = std::move(large);
  moved();
  CHECK(seen == 5);
}

TEST_CASE("lanes serve high before low, FIFO inside, and starve nobody", "[pool][lanes]") {
  PriorityLanes<int> lanes;
  lanes.push(1, Priority::low);
  for (int i = 0; i < 200; ++i) lanes.push(100 + i, Priority::high);
  lanes.push(50, Priority::urgent);
  CHECK(lanes.pop() == 50);
  int expected = 100;
  unsigned before_low = 0;
  for (int item = 0; (item = lanes.pop()) != 1; ++before_low) CHECK(item == expected++);
  CHECK(before_low < PriorityLanes<int>::kPatience + 1);
}

TEST_CASE("a worker survives tasks that throw anything, and counts them", "[pool][executor]") {
  ThreadPool pool(options(1));
  pool.post(Task([] { throw std::runtime_error("x"); }), Priority::normal);
  pool.post(Task([] { throw 42; }), Priority::normal);
  CHECK(pool.submit([] { return 7; }).get() == 7);
  auto failing = pool.submit([]() -> int { throw std::logic_error("y"); });
  CHECK_THROWS_AS(failing.get(), std::logic_error);
  pool.wait_idle();
  CHECK(pool.stats().failed == 2);
  check_accounts(pool.stats());
}

TEST_CASE("shutdown drains what is queued, in order of priority, before any worker ends",
          "[pool][executor]") {
  ThreadPool pool(options(1));
  Gate gate;
  std::vector<int> order;
  std::atomic<bool> held{false};
  pool.post(Task([&] {
              held = true;
              held.notify_all();
              gate.wait();
            }),
            Priority::normal);
  held.wait(false);
  pool.post(Task([&] { order.push_back(3); }), Priority::low);
  pool.post(Task([&] { order.push_back(2); }), Priority::normal);
  pool.post(Task([&] { order.push_back(1); }), Priority::urgent);
  gate.open();
  pool.shutdown();
  pool.shutdown();
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(pool.post(Task([] {}), Priority::normal) == Admission::rejected);
  check_accounts(pool.stats());
}

TEST_CASE("a full queue rejects, or runs on the caller, as its policy says", "[pool][executor]") {
  for (const QueuePolicy policy : {QueuePolicy::reject, QueuePolicy::caller_runs}) {
    ThreadPool pool(options(1, 2, policy));
    Gate gate;
    std::atomic<bool> running{false};
    pool.post(Task([&] {
                running = true;
                running.notify_all();
                gate.wait();
              }),
              Priority::normal);
    running.wait(false);
    pool.post(Task([] {}), Priority::normal);
    pool.post(Task([] {}), Priority::normal);
    const Admission expected = policy == QueuePolicy::reject ? Admission::rejected : Admission::caller_ran;
    CHECK(pool.post(Task([] {}), Priority::normal) == expected);
    gate.open();
    pool.wait_idle();
    check_accounts(pool.stats());
  }
}

TEST_CASE("a worker that posts into its own full pool is not blocked", "[pool][executor]") {
  ThreadPool pool(options(1, 1));
  std::atomic<int> ran{0};
  pool.submit([&] {
        for (int i = 0; i < 5; ++i) pool.post(Task([&] { ++ran; }), Priority::normal);
      })
      .get();
  pool.wait_idle();
  CHECK(ran == 5);
  CHECK(pool.stats().above_capacity == 4);
}

TEST_CASE("shutdown on an own worker is an error, not a self-join", "[pool][executor]") {
  ThreadPool pool(options(1));
  auto future = pool.submit([&] { pool.shutdown(); });
  CHECK_THROWS_AS(future.get(), std::logic_error);
}

TEST_CASE("a pool without workers or capacity is refused", "[pool][executor]") {
  CHECK_THROWS_AS(ThreadPool(options(0)), std::invalid_argument);
  CHECK_THROWS_AS(ThreadPool(options(1, 0)), std::invalid_argument);
}

TEST_CASE("blocked submitters lose nothing", "[pool][executor][stress]") {
  const unsigned each = stress_rounds(20'000);
  std::atomic<std::uint64_t> sum{0};
  {
    ThreadPool pool(options(2, 4));
    detail::run_threads(4, [&](unsigned) {
      for (unsigned i = 0; i < each; ++i) pool.post(Task([&] { ++sum; }), static_cast<Priority>(i % 4));
    });
  }
  CHECK(sum == std::uint64_t{4} * each);
}

TEST_CASE("pools come and go with their tasks done", "[pool][executor][stress]") {
  for (unsigned round = 0; round < stress_rounds(3'000); ++round) {
    std::atomic<unsigned> ran{0};
    const unsigned tasks = round % 4;
    {
      ThreadPool pool(options(1 + round % 3));
      for (unsigned i = 0; i < tasks; ++i) pool.post(Task([&] { ++ran; }), Priority::normal);
      if (round % 5 == 0) pool.wait_idle();
      if (round % 7 == 0) detail::run_threads(2, [&](unsigned) { pool.shutdown(); });
    }
    REQUIRE(ran == tasks);
  }
}

TEST_CASE("a strand runs its tasks one at a time and in order", "[pool][strand][stress]") {
  ThreadPool pool(options(3));
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
  ThreadPool pool(options(2));
  Strand strand(pool);
  int ran = 0;
  strand.post(Task([] { throw 1; }), Priority::high);
  strand.post(Task([&] { ++ran; }), Priority::high);
  pool.wait_idle();
  CHECK(ran == 1);
}

}  // namespace
}  // namespace crosstalk::pool
