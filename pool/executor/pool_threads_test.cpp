// How many threads there are, and how they end.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "pool/executor/executor_test_help.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

ThreadPool::Options growing_pool(unsigned min, unsigned max, std::chrono::nanoseconds keep_alive) {
  ThreadPool::Options options;
  options.min_threads = min;
  options.max_threads = max;
  options.keep_alive = keep_alive;
  return options;
}

// Threads of which the first `allowed` can be started.
std::function<std::thread(std::function<void()>)> scarce_threads(unsigned allowed, unsigned& asked) {
  return [allowed, &asked](std::function<void()> body) {
    if (asked++ >= allowed) throw std::system_error(EAGAIN, std::generic_category());
    return std::thread(std::move(body));
  };
}

void await_threads(const ThreadPool& pool, unsigned total) {
  while (pool.stats().total != total) std::this_thread::yield();
}

TEST_CASE("the pool grows while all are busy (the Python's never did), and never above its maximum",
          "[pool][executor][growth]") {
  ThreadPool pool(growing_pool(1, 4, std::chrono::hours(1)));
  CHECK(pool.stats().total == 1);
  std::vector<Occupied> busy;
  for (unsigned threads = 1; threads <= 4; ++threads) {
    busy.emplace_back(pool);  // returns when it runs
    CHECK(pool.stats().total == threads);
  }
  for (int i = 0; i < 10; ++i) pool.post(Task([] {}));
  CHECK(pool.stats().total == 4);
  CHECK(pool.stats().peak == 4);
  CHECK(pool.stats().depth[2] == 10);
  busy.clear();
  CHECK(pool.wait_idle());
  check_accounts(pool);
}

TEST_CASE("a pool with a free worker does not grow", "[pool][executor][growth]") {
  ThreadPool pool(growing_pool(2, 8, std::chrono::hours(1)));
  for (int i = 0; i < 100; ++i) {
    pool.submit([] {}).get();
    CHECK(pool.wait_idle());
  }
  CHECK(pool.stats().peak == 2);
}

TEST_CASE(
    "threads above the minimum end when they find nothing, and come again (the Python counted dead ones on)",
    "[pool][executor][growth]") {
  for (const auto keep_alive : {std::chrono::milliseconds(0), std::chrono::milliseconds(1)}) {
    ThreadPool pool(growing_pool(1, 3, keep_alive));
    for (int round = 0; round < 20; ++round) {
      {
        const Occupied one(pool);
        const Occupied two(pool);
        const Occupied three(pool);
        CHECK(pool.stats().total == 3);
      }
      await_threads(pool, 1);
    }
    CHECK(pool.stats().peak == 3);
    CHECK(pool.submit([] { return 5; }).get() == 5);
    CHECK(pool.wait_idle());  // a future is ready before its task is counted
    check_accounts(pool);
  }
}

TEST_CASE("resize starts threads at once and ends those too many after their task",
          "[pool][executor][growth]") {
  ThreadPool pool(fixed_pool(2));
  pool.resize(5, 6);
  CHECK(pool.stats().total == 5);
  {
    std::vector<Occupied> busy;
    for (int i = 0; i < 6; ++i) busy.emplace_back(pool);
    pool.resize(1, 2);
    pool.post(Task([] {}));
    CHECK(pool.stats().total == 6);
    for (int i = 0; i < 4; ++i) busy.pop_back();
    await_threads(pool, 2);
  }
  CHECK(pool.wait_idle());
  CHECK_THROWS_AS(pool.resize(0, 2), std::invalid_argument);
  CHECK_THROWS_AS(pool.resize(3, 2), std::invalid_argument);
  pool.shutdown();
  pool.resize(1, 3);
  CHECK(pool.stats().total == 0);
  check_accounts(pool);
}

TEST_CASE("who waits until the pool is idle hears of a last busy thread that ends as one too many",
          "[pool][executor][growth]") {
  for (unsigned round = 0; round < stress_rounds(50); ++round) {
    Gate start;
    Gate waiting;
    ThreadPool::Options options = fixed_pool(2);
    // The other thread is no busy one, and is not there to be the one that ends.
    options.on_worker_start = [&](unsigned index) {
      if (index == 1) start.wait();
    };
    ThreadPool pool(options);
    Occupied busy(pool);
    pool.resize(1, 1);
    std::thread waiter([&] {
      waiting.open();
      CHECK(pool.wait_idle());
    });
    waiting.wait();
    for (unsigned i = 0; i < 20 * round; ++i) std::this_thread::yield();  // it mostly sleeps by then
    busy.release();
    waiter.join();
    start.open();
  }
}

TEST_CASE("threads that cannot be started leave a smaller pool that works", "[pool][executor][growth]") {
  unsigned asked = 0;
  ThreadPool::Options options = growing_pool(4, 8, std::chrono::hours(1));
  options.start_thread = scarce_threads(2, asked);
  ThreadPool pool(options);
  CHECK(pool.stats().total == 2);
  CHECK(pool.stats().creation_failures == 1);
  const Occupied one(pool);
  std::atomic<int> ran{0};
  {
    const Occupied two(pool);
    for (int i = 0; i < 100; ++i) pool.post(Task([&ran] { ++ran; }));
    CHECK(pool.stats().total == 2);
  }
  while (ran < 100) std::this_thread::yield();
  CHECK(pool.stats().peak >= 2);
}

TEST_CASE("a pool without even one thread is refused", "[pool][executor][growth]") {
  unsigned asked = 0;
  ThreadPool::Options options = fixed_pool(3);
  options.start_thread = scarce_threads(0, asked);
  CHECK_THROWS_AS(ThreadPool(options), std::system_error);
  CHECK(asked == 1);
}

TEST_CASE("shutdown runs all that is queued, in order of priority (the Python's sentinel overtook it)",
          "[pool][executor][shutdown]") {
  ThreadPool pool(fixed_pool(1));
  std::vector<int> order;
  {
    const Occupied worker(pool);
    pool.post(Task([&] { order.push_back(3); }), Priority::low);
    pool.post(Task([&] { order.push_back(2); }));
    pool.post(Task([&] { order.push_back(1); }), Priority::urgent);
  }
  const ShutdownReport report = pool.shutdown_gracefully();
  CHECK(report.ended);
  CHECK(report.unrun.empty());
  CHECK(pool.shutdown_gracefully().ended);
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(pool.stats().total == 0);
  check_accounts(pool);
}

TEST_CASE("a drain takes what its tasks still post, and nothing from outside", "[pool][executor][shutdown]") {
  ThreadPool pool(fixed_pool(2));
  int ran = 0;
  struct Chain {
    ThreadPool& pool;
    int& ran;
    void operator()() const {
      if (++ran < 1000) pool.post(Task(Chain{pool, ran}));
    }
  };
  pool.post(Task(Chain{pool, ran}));
  pool.shutdown();
  CHECK(ran == 1000);
  CHECK(pool.post(Task([] {})) == Admission::rejected);
  check_accounts(pool);
}

TEST_CASE(
    "a shutdown that runs out of time hands back what is queued (the Python's time-out did not cover it)",
    "[pool][executor][shutdown]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  std::vector<int> order;
  pool.post(Task([&] { order.push_back(2); }), Priority::low);
  auto future = pool.submit([&] { order.push_back(1); }, Priority::high);
  ShutdownReport report = pool.shutdown_gracefully(std::chrono::milliseconds(2));
  CHECK_FALSE(report.ended);
  CHECK(report.running == 1);
  REQUIRE(report.unrun.size() == 2);
  for (Task& task : report.unrun) task();
  CHECK(order == std::vector<int>{1, 2});
  future.get();
  CHECK_FALSE(pool.shutdown_gracefully(std::chrono::nanoseconds(0)).ended);
  worker.release();
  CHECK(pool.shutdown_gracefully().ended);
  CHECK(pool.stats().unrun == 2);
  check_accounts(pool);
}

TEST_CASE("a shutdown that runs out of time does not wait for a thread that is still being greeted",
          "[pool][executor][shutdown]") {
  Gate greeted;
  Gate go_on;
  ThreadPool::Options options = fixed_pool(1);
  options.on_worker_start = [&](unsigned) {
    greeted.open();
    go_on.wait();
  };
  ThreadPool pool(options);
  greeted.wait();
  pool.post(Task([] {}));
  const ShutdownReport report = pool.shutdown_gracefully(std::chrono::milliseconds(1));
  CHECK_FALSE(report.ended);
  CHECK(report.running == 0);
  CHECK(report.unrun.size() == 1);
  go_on.open();
  CHECK(pool.shutdown_gracefully().ended);
  check_accounts(pool);
}

TEST_CASE("shutdown_now hands back what is queued, at once, and is idempotent",
          "[pool][executor][shutdown]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  bool ran = false;
  auto dropped = pool.submit([] {});
  pool.post(Task([&] { ran = true; }), Priority::urgent);
  {
    std::vector<Task> unrun = pool.shutdown_now();
    REQUIRE(unrun.size() == 2);
    CHECK_FALSE(ran);
    unrun.front()();
    CHECK(ran);
    CHECK_FALSE(dropped.ready());
  }
  CHECK_THROWS_AS(dropped.get(), AbandonedError);
  CHECK(pool.shutdown_now().empty());
  worker.release();
  pool.shutdown();
  CHECK(pool.stats().unrun == 2);
  check_accounts(pool);
}

TEST_CASE("a shutdown in a task of the same pool is an error, not a self-join",
          "[pool][executor][shutdown]") {
  ThreadPool pool(fixed_pool(1, 1, QueuePolicy::caller_runs));
  const auto everything_throws = [&pool] {
    CHECK_THROWS_AS(pool.shutdown(), std::logic_error);
    CHECK_THROWS_AS(pool.shutdown_now(), std::logic_error);
    CHECK_THROWS_AS(pool.wait_idle(), std::logic_error);
  };
  int thrown = 0;
  pool.submit([&] {
        for (int way = 0; way < 3; ++way) {
          try {
            if (way == 0) pool.shutdown();
            if (way == 1) static_cast<void>(pool.shutdown_now());
            if (way == 2) static_cast<void>(pool.wait_idle());
          } catch (const std::logic_error&) {
            ++thrown;
          }
        }
      })
      .get();
  CHECK(thrown == 3);
  const Occupied worker(pool);
  pool.post(Task([] {}));
  CHECK(pool.post(Task(everything_throws)) == Admission::caller_ran);  // on this thread
}

TEST_CASE("a full queue keeps no thread from ending (the Python's sentinels did not fit into it)",
          "[pool][executor][shutdown]") {
  ThreadPool::Options options = fixed_pool(4);
  options.capacity = 2;
  options.policy = QueuePolicy::reject;
  ThreadPool pool(options);
  pool.pause();
  std::atomic<int> run{0};
  for (int i = 0; i < 2; ++i) CHECK(pool.post([&] { ++run; }) == Admission::accepted);
  CHECK(pool.post([&] { ++run; }) == Admission::rejected);
  pool.shutdown();
  CHECK(run == 2);
  CHECK(pool.stats().total == 0);
}

TEST_CASE("the destructor drains, also a paused pool", "[pool][executor][shutdown]") {
  std::atomic<int> ran{0};
  {
    ThreadPool pool(fixed_pool(2));
    pool.pause();
    for (int i = 0; i < 10; ++i) pool.post(Task([&ran] { ++ran; }));
  }
  CHECK(ran == 10);
}

}  // namespace
}  // namespace crosstalk::pool
