// Tasks that wait for tasks of the same pool.
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "pool/executor/executor_test_help.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"
#include "pool/heap_count.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("waiting for a task of the own full pool is reported, not a silent deadlock",
          "[pool][future][deadlock]") {
  ThreadPool pool(fixed_pool(1));
  auto outer = pool.submit([&pool] {
    auto inner = pool.submit([] { return 1; });
    return inner.get();
  });
  CHECK_THROWS_AS(outer.get(), DeadlockError);
  CHECK(pool.submit([] { return 2; }).get() == 2);
  CHECK(pool.wait_idle());
  CHECK(pool.stats().failed == 1);
  check_accounts(pool);
}

TEST_CASE("where the pool may grow it does, and the wait ends", "[pool][future][deadlock]") {
  ThreadPool::Options options = fixed_pool(1);
  options.max_threads = 5;
  ThreadPool pool(options);
  struct Nested {
    ThreadPool& pool;
    int depth;
    int operator()() const { return depth == 0 ? 0 : 1 + pool.submit(Nested{pool, depth - 1}).get(); }
  };
  CHECK(pool.submit(Nested{pool, 4}).get() == 4);
  CHECK(pool.stats().peak == 5);
  CHECK_THROWS_AS(pool.submit(Nested{pool, 5}).get(), DeadlockError);
}

TEST_CASE("when all workers wait the last one to do so is told", "[pool][future][deadlock]") {
  ThreadPool pool(fixed_pool(2));
  std::atomic<int> reported{0};
  std::atomic<int> both{0};
  std::vector<Future<int>> outer;
  for (int i = 0; i < 2; ++i) {
    outer.push_back(pool.submit([&] {
      for (++both; both < 2;)
        std::this_thread::yield();  // before: the other worker would be free to run the inner one
      auto inner = pool.submit([] { return 1; });
      try {
        return inner.get();
      } catch (const DeadlockError&) {
        ++reported;
        return 1;  // and its worker is free for the inner ones
      }
    }));
  }
  for (auto& future : outer) CHECK(future.get() == 1);
  CHECK(reported >= 1);
  CHECK(pool.wait_idle());
  check_accounts(pool);
}

TEST_CASE("a task that waits for itself is told, though others are free", "[pool][future][deadlock]") {
  Gate gate;
  ThreadPool pool(fixed_pool(3));
  std::optional<Future<void>> self;
  bool reported = false;
  self = pool.submit([&] {
    gate.wait();
    try {
      self->wait();
    } catch (const DeadlockError&) {
      reported = true;
    }
  });
  gate.open();
  CHECK(pool.wait_idle());
  CHECK(reported);
}

TEST_CASE("two tasks that wait for each other are told, though others are free", "[pool][future][deadlock]") {
  Gate gate;
  ThreadPool pool(fixed_pool(4));
  std::vector<Future<void>> tasks;
  std::atomic<int> reported{0};
  for (std::size_t i = 0; i < 2; ++i) {
    tasks.push_back(pool.submit([&, i] {
      gate.wait();
      try {
        tasks[1 - i].wait();
      } catch (const DeadlockError&) {
        ++reported;
      }
    }));
  }
  gate.open();
  CHECK(pool.wait_idle());
  CHECK(reported == 1);
}

TEST_CASE("a wait with a limit is no deadlock", "[pool][future][deadlock]") {
  ThreadPool pool(fixed_pool(1));
  auto outer = pool.submit([&pool] {
    auto inner = pool.submit([] { return 1; });
    return inner.wait_for(std::chrono::milliseconds(1));
  });
  CHECK_FALSE(outer.get());
  auto timed = pool.submit([&pool] {
    auto inner = pool.submit([] { return 1; }, {.timeout = std::chrono::milliseconds(1)});
    return inner.get();
  });
  CHECK_THROWS_AS(timed.get(), TimeoutError);
}

TEST_CASE("a task handed back by shutdown_now is not waited for in vain", "[pool][future][deadlock]") {
  Gate waiting;
  ThreadPool pool(fixed_pool(2));
  Occupied other(pool);
  std::atomic<bool> reported{false};
  pool.post(Task([&] {
    auto inner = pool.submit([] {});
    waiting.open();
    try {
      inner.get();
    } catch (const DeadlockError&) {
      reported = true;
    } catch (const AbandonedError&) {
    }
  }));
  waiting.wait();
  const std::vector<Task> unrun = pool.shutdown_now();
  other.release();
  pool.shutdown();  // although what it waits for is in our hands
  CHECK(unrun.size() == 1);
  CHECK(reported);
}

TEST_CASE("a failure to start a thread while a task waits is a deadlock too", "[pool][future][deadlock]") {
  ThreadPool::Options options = fixed_pool(1);
  options.max_threads = 2;
  unsigned asked = 0;
  options.start_thread = [&asked](std::function<void()> body) {
    if (asked++ > 0) throw std::system_error(EAGAIN, std::generic_category());
    return std::thread(std::move(body));
  };
  ThreadPool pool(options);
  auto outer = pool.submit([&pool] { pool.submit([] {}).get(); });
  CHECK_THROWS_AS(outer.get(), DeadlockError);
  CHECK(pool.stats().creation_failures > 0);
}

// A pool whose queue is full, so that who posts runs the task.
struct FullPool {
  FullPool() : pool(fixed_pool(1, 1, QueuePolicy::caller_runs)), worker(pool) {
    pool.post(Task([] {}));
  }
  ThreadPool pool;
  Occupied worker;
};

TEST_CASE("a task that runs another pool's task inside cannot wait there for its own pool either",
          "[pool][future][deadlock]") {
  FullPool other;
  ThreadPool pool(fixed_pool(1, 1));
  int refused = 0;
  bool reported = false;
  const auto inner = [&] {
    try {
      pool.wait_idle();
    } catch (const std::logic_error&) {
      ++refused;
    }
    try {
      pool.shutdown();
    } catch (const std::logic_error&) {
      ++refused;
    }
    for (int i = 0; i < 3; ++i) pool.post(Task([] {}));  // more than it has room for
    try {
      pool.submit([] {}).get();
    } catch (const DeadlockError&) {
      reported = true;
    }
  };
  auto outer = pool.submit([&] { return other.pool.post(Task(inner)); });
  CHECK(outer.get() == Admission::caller_ran);
  CHECK(refused == 2);
  CHECK(reported);
  CHECK(pool.wait_idle());
  CHECK(pool.stats().above_capacity > 0);
  check_accounts(pool);
}

TEST_CASE("callbacks that throw are counted by the pool of their task, whoever runs or refuses it",
          "[pool][callback]") {
  FullPool full;
  full.pool.submit([] { return 1; }, {}, [](int) { throw 1; }).get();  // on this thread
  CHECK(full.pool.stats().callback_errors == 1);
  ThreadPool refusing(fixed_pool(1));
  refusing.shutdown();
  ThreadPool pool(fixed_pool(1));
  pool.submit([&] {
        refusing.post([] {}, {.on_error = [](const std::exception_ptr&) { throw 2; }});
        full.pool.post(Task([] {}));
        full.pool.submit([] { throw 3; }, {.on_error = [](const std::exception_ptr&) { throw 4; }});
      })
      .get();
  CHECK(refusing.stats().callback_errors == 1);
  CHECK(full.pool.stats().callback_errors == 2);
  CHECK(pool.stats().callback_errors == 0);
}

TEST_CASE("a wait ends at its limit although the callbacks of the overrun task are slow", "[pool][future]") {
  Gate called;
  Gate go_on;
  ThreadPool pool(fixed_pool(1));
  const auto slow = [&](const std::exception_ptr&) {
    called.open();
    go_on.wait();
  };
  auto future = pool.submit([] {}, {.timeout = std::chrono::nanoseconds(0), .on_error = slow});
  called.wait();
  CHECK_FALSE(future.wait_for(std::chrono::milliseconds(1)));
  go_on.open();
  CHECK_THROWS_AS(future.get(), TimeoutError);
}

TEST_CASE("where there is no memory for an error the result is std::bad_alloc, or comes later",
          "[pool][future]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  auto late = pool.submit([] {}, {.timeout = std::chrono::nanoseconds(0)});
  bool waited = false;
  {
    const HeapFails fails;
    waited = late.wait_for(std::chrono::hours(1));
  }
  CHECK(waited);
  CHECK_THROWS_AS(late.get(), std::bad_alloc);
  auto abandoned = pool.submit([] {});
  std::vector<Task> tasks = pool.shutdown_now();
  {
    const HeapFails fails;
    tasks.clear();
  }
  CHECK_THROWS_AS(abandoned.get(), std::bad_alloc);
}

}  // namespace
}  // namespace crosstalk::pool
