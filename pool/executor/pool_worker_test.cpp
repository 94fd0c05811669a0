// The outlet of the pool: order, and that no task harms a worker.
#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <pthread.h>

#include "pool/executor/executor_test_help.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

TEST_CASE(
    "a worker survives tasks that throw anything, and counts them (the Python lost an idle thread each time)",
    "[pool][executor]") {
  ThreadPool::Options options = fixed_pool(1);
  unsigned reported = 0;
  options.on_error = [&reported](const std::exception_ptr& error) {
    if (error != nullptr && ++reported == 3) throw std::runtime_error("the handler too");
  };
  ThreadPool pool(options);
  pool.post(Task([] { throw std::runtime_error("x"); }));
  pool.post(Task([] { throw 42; }));
  pool.post(Task([] { throw std::bad_alloc(); }));
  CHECK(pool.submit([] { return 7; }).get() == 7);
  auto failing = pool.submit([]() -> int { throw std::logic_error("y"); });
  CHECK_THROWS_AS(failing.get(), std::logic_error);
  CHECK(pool.wait_idle());
  const PoolStats stats = pool.stats();
  CHECK(stats.failed == 4);
  CHECK(stats.completed == 1);
  CHECK(stats.active == 0);
  CHECK(stats.idle == 1);
  CHECK(stats.callback_errors == 1);
  CHECK(reported == 3);
  check_accounts(pool);
}

TEST_CASE("priorities decide between tasks that wait, and order within each is kept", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  std::vector<int> order;
  for (int i = 0; i < 8; ++i) {
    pool.post(Task([&order, i] { order.push_back(i); }), static_cast<Priority>(3 - i % 4));
  }
  worker.release();
  CHECK(pool.wait_idle());
  CHECK(order == std::vector<int>{3, 7, 2, 6, 1, 5, 0, 4});
}

TEST_CASE("an urgent task that comes last overtakes all that wait at the outlet", "[pool][executor]") {
  Gate posted;
  ThreadPool pool(fixed_pool(1));
  std::vector<int> order;
  auto worker = std::make_unique<Occupied>(pool);
  // The first of these makes the worker fetch all three; the urgent one comes when it has.
  pool.post(Task([&] {
    posted.wait();
    order.push_back(0);
  }));
  pool.post(Task([&] { order.push_back(1); }));
  pool.post(Task([&] { order.push_back(2); }), Priority::low);
  worker->release();
  pool.post(Task([&] { order.push_back(3); }), Priority::urgent);
  posted.open();
  CHECK(pool.wait_idle());
  // Either it came before the first was taken, or it is the next.
  CHECK((order == std::vector<int>{3, 0, 1, 2} || order == std::vector<int>{0, 3, 1, 2}));
}

TEST_CASE("a low task is passed over kPatience times at most", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  unsigned before = 0;
  unsigned low_at = 0;
  pool.post(Task([&] { low_at = before; }), Priority::low);
  for (int i = 0; i < 500; ++i) pool.post(Task([&before] { ++before; }), Priority::urgent);
  worker.release();
  CHECK(pool.wait_idle());
  CHECK(low_at == PriorityLanes<TaskNode>::kPatience);
}

TEST_CASE("what a task owns is destroyed before it counts as done, on the worker", "[pool][executor]") {
  ThreadPool pool(fixed_pool(1));
  auto owned = std::make_shared<int>(1);
  pool.post(Task([owned] {}));
  CHECK(pool.wait_idle());
  CHECK(owned.use_count() == 1);
}

TEST_CASE("workers bear the pool's name and their index", "[pool][executor]") {
  ThreadPool::Options options = fixed_pool(2);
  options.name = "a-rather-long-name";
  std::atomic<unsigned> started{0};
  options.on_worker_start = [&started](unsigned index) {
    started += index + 1;
    throw index;  // counted, and no harm
  };
  ThreadPool pool(options);
  std::string name(16, ' ');
  const int index = pool.submit([&name] {
                          pthread_getname_np(pthread_self(), name.data(), name.size());
                          return ThreadPool::current_worker();
                        })
                        .get();
  CHECK(name.substr(0, name.find('\0')) == "a-rather-long-n");
  CHECK((index == 0 || index == 1));
  CHECK(ThreadPool::current_worker() == -1);
  pool.shutdown();
  CHECK(started == 3);
  CHECK(pool.stats().callback_errors == 2);
}

TEST_CASE("a paused pool starts nothing and takes everything, and goes on after resume", "[pool][executor]") {
  ThreadPool pool(fixed_pool(2));
  pool.pause();
  CHECK(pool.stats().paused);
  std::atomic<int> ran{0};
  for (int i = 0; i < 10; ++i) pool.post(Task([&ran] { ++ran; }));
  CHECK_FALSE(pool.wait_idle(std::chrono::milliseconds(2)));
  CHECK(ran == 0);
  CHECK(pool.stats().depth[2] == 10);
  pool.resume();
  CHECK(pool.wait_idle());
  CHECK(ran == 10);
  pool.pause();
  pool.post(Task([&ran] { ++ran; }));
  pool.shutdown();  // drains all the same
  CHECK(ran == 11);
  check_accounts(pool);
}

TEST_CASE("idle threads are never fewer than none (the Python counted -1 and less)", "[pool][executor]") {
  ThreadPool pool(fixed_pool(3));
  for (int i = 0; i < 100; ++i) pool.post(Task([] {}));
  CHECK(pool.wait_idle());
  CHECK(pool.stats().idle == 3);
  const Occupied one(pool);
  const Occupied two(pool);
  CHECK(pool.stats().idle == 1);
  CHECK(pool.stats().active == 2);
}

}  // namespace
}  // namespace crosstalk::pool
