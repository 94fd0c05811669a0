// The inlet of the pool: what is admitted, where, and how it is accounted for.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "pool/conformance.h"
#include "pool/executor/executor_test_help.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

Task nothing() {
  return Task([] {});
}

TEST_CASE("options out of bounds are refused with the bound and the value", "[pool][executor]") {
  CHECK_THROWS_WITH(ThreadPool(fixed_pool(0)), "thread pool: min_threads must be at least 1, got 0");
  CHECK_THROWS_WITH(ThreadPool(fixed_pool(1, 0)), "thread pool: capacity must be at least 1, got 0");
  ThreadPool::Options options = fixed_pool(3);
  options.max_threads = 2;
  CHECK_THROWS_WITH(ThreadPool(options), "thread pool: max_threads must be at least min_threads = 3, got 2");
  options = fixed_pool(1);
  options.monitor = [](const PoolStats&) {};
  options.monitor_interval = std::chrono::nanoseconds(0);
  CHECK_THROWS_AS(ThreadPool(options), std::invalid_argument);
}

TEST_CASE("a full queue rejects, or runs on the caller, as its policy says", "[pool][executor]") {
  for (const QueuePolicy policy : {QueuePolicy::reject, QueuePolicy::caller_runs}) {
    ThreadPool pool(fixed_pool(1, 2, policy));
    Occupied worker(pool);
    pool.post(nothing());
    pool.post(nothing());
    std::thread::id ran_on;
    const Admission admission = pool.post(Task([&] { ran_on = std::this_thread::get_id(); }));
    CHECK(admission == (policy == QueuePolicy::reject ? Admission::rejected : Admission::caller_ran));
    CHECK(ran_on == (policy == QueuePolicy::reject ? std::thread::id() : std::this_thread::get_id()));
    worker.release();
    CHECK(pool.wait_idle());
    CHECK(pool.stats().rejected == (policy == QueuePolicy::reject ? 1U : 0U));
    CHECK(pool.stats().caller_runs == (policy == QueuePolicy::caller_runs ? 1U : 0U));
    check_accounts(pool);
  }
}

TEST_CASE("what the caller runs may fail, and may post without end", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1, 1, QueuePolicy::caller_runs));
  Occupied worker(pool);
  pool.post(nothing());
  CHECK(pool.post(Task([] { throw 42; })) == Admission::caller_ran);
  // A task that posts its successor: run by the caller, it must not run that inside itself, and so on.
  std::atomic<unsigned> left{100'000};
  struct Chain {
    ThreadPool& pool;
    std::atomic<unsigned>& left;
    void operator()() const {
      // relaxed: one link runs at a time.
      if (left.fetch_sub(1, std::memory_order_relaxed) > 1) pool.post(Task(Chain{pool, left}));
    }
  };
  CHECK(pool.post(Task(Chain{pool, left})) == Admission::caller_ran);
  worker.release();
  CHECK(pool.wait_idle());
  CHECK(left == 0);
  CHECK(pool.stats().failed == 1);
  check_accounts(pool);
}

TEST_CASE("drop_oldest destroys the oldest of the lowest lane, and its future says so", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1, 3, QueuePolicy::drop_oldest));
  Occupied worker(pool);
  std::vector<int> order;
  const auto noting = [&order](int value) { return [&order, value] { order.push_back(value); }; };
  auto first_low = pool.submit(noting(1), Priority::low);
  auto second_low = pool.submit(noting(2), Priority::low);
  auto high = pool.submit(noting(3), Priority::high);
  auto urgent = pool.submit(noting(4), Priority::urgent);
  CHECK(first_low.ready());
  CHECK_THROWS_AS(first_low.get(), AbandonedError);
  CHECK_FALSE(second_low.ready());
  worker.release();
  second_low.get();
  CHECK(pool.wait_idle());
  CHECK(order == std::vector<int>{4, 3, 2});
  CHECK(pool.stats().dropped == 1);
  check_accounts(pool);
}

TEST_CASE("what a dropped task owns may post while it is destroyed, however often", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1, 1, QueuePolicy::drop_oldest));
  Occupied worker(pool);
  // Each posts the next when it dies unrun, which drops what is queued, and so on: as a loop, not as a recursion.
  struct Reborn {
    Reborn(ThreadPool& owner, unsigned lives) : pool(&owner), left(lives) {}
    Reborn(Reborn&& other) noexcept : pool(std::exchange(other.pool, nullptr)), left(other.left) {}
    Reborn& operator=(Reborn&&) = delete;
    ~Reborn() {
      if (pool != nullptr && left > 0) pool->post(Task(Reborn(*pool, left - 1)));
    }
    void operator()() { pool = nullptr; }
    ThreadPool* pool;
    unsigned left;
  };
  pool.post(Task(Reborn(pool, 100'000)));
  pool.post(Task(Reborn(pool, 100'000)));
  worker.release();
  CHECK(pool.wait_idle());
  CHECK(pool.stats().dropped > 100'000);
  check_accounts(pool);
}

TEST_CASE("block_timeout refuses after its time, and admits when room comes before", "[pool][executor]") {
  ThreadPool::Options options = fixed_pool(1, 1, QueuePolicy::block_timeout);
  options.block_timeout = std::chrono::milliseconds(5);
  {
    ThreadPool pool(options);
    Occupied worker(pool);
    pool.post(nothing());
    const auto before = std::chrono::steady_clock::now();
    auto refused = pool.submit([] {});
    CHECK(std::chrono::steady_clock::now() - before >= options.block_timeout);
    CHECK_THROWS_AS(refused.get(), RejectedError);
    worker.release();
    CHECK(pool.wait_idle());
    CHECK(pool.stats().rejected == 1);
    check_accounts(pool);
  }
  options.block_timeout = std::chrono::hours(1);
  ThreadPool pool(options);
  Occupied worker(pool);
  pool.post(nothing());
  Admission admission{};
  std::thread submitter([&] { admission = pool.post(nothing()); });
  worker.release();
  submitter.join();
  CHECK(admission == Admission::accepted);
  CHECK(ThreadPool::Options{}.block_timeout == std::chrono::seconds(1));
}

TEST_CASE("one free place is enough for a blocked submitter, though the next task is long",
          "[pool][executor]") {
  Gate gate;
  ThreadPool pool(fixed_pool(1, 100));
  Occupied first(pool);
  for (int i = 0; i < 100; ++i) pool.post(Task([&gate] { gate.wait(); }));
  Admission admission = Admission::rejected;
  std::thread submitter([&] { admission = pool.post(nothing()); });
  first.release();  // one task is taken, which does not end; 99 are left
  submitter.join();
  CHECK(admission == Admission::accepted);
  gate.open();
}

TEST_CASE("shutdown ends the wait of blocked submitters, with a refusal", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1, 1));
  Occupied worker(pool);
  pool.post(nothing());
  std::vector<std::thread> submitters;
  std::atomic<int> rejected{0};
  for (int i = 0; i < 3; ++i) {
    submitters.emplace_back([&] { rejected += pool.post(nothing()) == Admission::rejected ? 1 : 0; });
  }
  CHECK(pool.shutdown_now().size() == 1);
  for (std::thread& submitter : submitters) submitter.join();
  CHECK(rejected == 3);
  worker.release();
  pool.shutdown();
  check_accounts(pool);
}

TEST_CASE("a worker that posts into its own full pool is not blocked, and that is counted",
          "[pool][executor]") {
  ThreadPool pool(fixed_pool(1, 1));
  std::atomic<int> ran{0};
  pool.submit([&] {
        for (int i = 0; i < 5; ++i) pool.post(Task([&] { ++ran; }));
      })
      .get();
  CHECK(pool.wait_idle());
  CHECK(ran == 5);
  CHECK(pool.stats().above_capacity == 4);
  check_accounts(pool);
}

TEST_CASE("after the end everything is rejected, from any thread", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  pool.shutdown();
  CHECK(pool.post(nothing()) == Admission::rejected);
  auto future = pool.submit([] { return 1; });
  CHECK_THROWS_AS(future.get(), RejectedError);
  CHECK(pool.stats().rejected == 2);
  check_accounts(pool);
}

TEST_CASE("the depth of each lane is counted", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  for (int i = 0; i < 10; ++i) pool.post(nothing(), static_cast<Priority>(i < 4 ? i : 3));
  const PoolStats stats = pool.stats();
  CHECK(stats.depth == std::array<std::size_t, kPriorities>{1, 1, 1, 7});
  CHECK(stats.active == 1);
  CHECK(stats.idle == 0);
  CHECK(stats.total == 1);
  CHECK(stats.submitted == 11);
}

TEST_CASE("waiting and running times add up (the Python added without a lock)", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  pool.post(nothing());
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
  while (std::chrono::steady_clock::now() < until) {
  }
  worker.release();
  CHECK(pool.wait_idle());
  const PoolStats stats = pool.stats();
  CHECK(stats.execution_total >= std::chrono::microseconds(1900));
  CHECK(stats.execution_most >= std::chrono::microseconds(1900));
  CHECK(stats.execution_total >= stats.execution_most);
  CHECK(stats.queue_wait_most >= std::chrono::microseconds(1900));
  CHECK(stats.queue_wait_total >= stats.queue_wait_most);
}

TEST_CASE("what is destroyed at the end of a thread may still post", "[pool][executor]") {
  // Made before the thread posts, so destroyed after what the thread keeps for its posts.
  struct LastWords {
    ~LastWords() {
      for (int i = 0; i < 3; ++i) {
        pool->post(Task([count = ran] { ++*count; }));
        pool->wait_idle();
      }
    }
    ThreadPool* pool = nullptr;
    std::atomic<int>* ran = nullptr;
  };
  ThreadPool pool(fixed_pool(1));
  std::atomic<int> ran{0};
  std::thread([&] {
    thread_local LastWords words;
    words.pool = &pool;
    words.ran = &ran;
    for (int i = 0; i < 3; ++i) {
      pool.post(Task([&ran] { ++ran; }));
      pool.wait_idle();  // the worker gives its node back, and the next post keeps it
    }
  }).join();
  CHECK(pool.wait_idle());
  CHECK(ran == 6);
}

TEST_CASE("the monitor is called with snapshots, and may throw", "[pool][executor]") {
  ThreadPool::Options options = fixed_pool(1);
  Gate called;
  std::atomic<int> calls{0};
  options.monitor_interval = std::chrono::microseconds(100);
  options.monitor = [&](const PoolStats& stats) {
    if (stats.total == 1 && ++calls == 3) called.open();
    throw std::runtime_error("x");
  };
  ThreadPool pool(options);
  called.wait();
  pool.shutdown();
  CHECK(pool.stats().callback_errors >= 3);
}

}  // namespace
}  // namespace crosstalk::pool
