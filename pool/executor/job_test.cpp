// What a task is when more is asked of it: results, deadlines, cancellation, callbacks.
#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "pool/executor/executor_test_help.h"
#include "pool/executor/job.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {
namespace {

using std::chrono::milliseconds;

// An error callback that keeps what it was told.
struct JobTold {
  unsigned times = 0;
  std::exception_ptr error;
  auto callback() {
    return [this](std::exception_ptr what) {
      ++times;
      error = std::move(what);
    };
  }
  template <class E>
  [[nodiscard]] bool is() const {
    try {
      if (error != nullptr) std::rethrow_exception(error);
    } catch (const E&) {
      return true;
    } catch (...) {
    }
    return false;
  }
};

TEST_CASE("a future gives values, references, nothing, and what only moves, once", "[pool][future]") {
  ThreadPool pool(fixed_pool(1));
  CHECK(pool.submit([] { return std::make_unique<int>(5); }).get().operator*() == 5);
  std::string text = "abc";
  std::string& same = pool.submit([&text]() -> std::string& { return text; }).get();
  CHECK(&same == &text);
  auto future = pool.submit([] {});
  future.get();
  CHECK_FALSE(future.valid());
  CHECK_THROWS_AS(future.get(), std::future_error);
  CHECK_THROWS_AS(Future<int>().wait(), std::future_error);
}

TEST_CASE("a future outlives its pool", "[pool][future]") {
  Future<int> future;
  {
    ThreadPool pool(fixed_pool(1));
    future = pool.submit([] { return 3; });
  }
  CHECK(future.ready());
  CHECK(future.get() == 3);
}

TEST_CASE("a future that is not ready says so in time", "[pool][future]") {
  ThreadPool pool(fixed_pool(1));
  Occupied worker(pool);
  auto future = pool.submit([] { return 1; });
  CHECK_FALSE(future.wait_for(milliseconds(1)));
  CHECK_FALSE(future.wait_until(std::chrono::steady_clock::now()));
  CHECK_FALSE(future.ready());
  worker.release();
  CHECK(future.wait_for(TaskOptions::kNoTimeout));
  CHECK(future.get() == 1);
}

TEST_CASE("what a task owns is destroyed before its future is ready", "[pool][future]") {
  ThreadPool pool(fixed_pool(1));
  for (int round = 0; round < 200; ++round) {
    auto owned = std::make_shared<int>(1);
    auto future = pool.submit([owned] { return 1; });
    future.wait();
    REQUIRE(owned.use_count() == 1);
  }
}

TEST_CASE("a task whose deadline passes in the queue never runs", "[pool][deadline]") {
  ThreadPool pool(fixed_pool(1));
  JobTold told;
  bool ran = false;
  bool succeeded = false;
  {
    Occupied worker(pool);
    auto future =
        pool.submit([&ran] { ran = true; }, {.timeout = milliseconds(1), .on_error = told.callback()},
                    [&succeeded] { succeeded = true; });
    CHECK_THROWS_AS(future.get(), TimeoutError);  // while it is still queued
    CHECK(pool.post([&ran] { ran = true; }, {.timeout = std::chrono::nanoseconds(0)}) == Admission::accepted);
  }
  CHECK(pool.wait_idle());
  CHECK_FALSE(ran);
  CHECK_FALSE(succeeded);
  CHECK(told.times == 1);
  CHECK(told.is<TimeoutError>());
  CHECK(pool.stats().timed_out == 2);
  check_accounts(pool);
}

TEST_CASE(
    "a task that overruns its deadline is reported once, its result discarded (the Python never looked again)",
    "[pool][deadline]") {
  Gate gate;
  Gate begun;
  ThreadPool pool(fixed_pool(1));
  JobTold told;
  auto owned = std::make_shared<int>(1);
  auto future = pool.submit(
      [&] {
        begun.open();
        gate.wait();
        return owned;
      },
      {.timeout = milliseconds(1'000),
       .on_error = told.callback()});  // from the submission on: the worker is to begin in time
  begun.wait();
  CHECK(future.wait_for(std::chrono::hours(1)));  // ready: with the error
  CHECK_THROWS_AS(future.get(), TimeoutError);
  gate.open();
  CHECK(pool.wait_idle());
  CHECK(owned.use_count() == 1);
  CHECK(told.times == 1);
  CHECK(told.is<TimeoutError>());
  CHECK(pool.stats().timed_out == 1);
  CHECK(pool.stats().completed == 0);
  CHECK(pool.submit([] { return 4; }).get() == 4);  // the worker is fine
  pool.wait_idle();
  check_accounts(pool);
}

TEST_CASE("an overrun that nobody waits for is counted and told all the same", "[pool][deadline]") {
  ThreadPool pool(fixed_pool(1));
  JobTold told;
  pool.post(
      [] {
        const auto until = std::chrono::steady_clock::now() + milliseconds(2);
        while (std::chrono::steady_clock::now() < until) {
        }
      },
      {.timeout = milliseconds(1), .on_error = told.callback()});
  CHECK(pool.wait_idle());
  CHECK(told.times == 1);
  CHECK(told.is<TimeoutError>());
  CHECK(pool.stats().timed_out == 1);
  check_accounts(pool);
}

TEST_CASE("a task in time is not harmed by having a deadline", "[pool][deadline]") {
  ThreadPool pool(fixed_pool(1));
  CHECK(pool.submit([] { return 1; }, {.timeout = std::chrono::hours(1)}).get() == 1);
  CHECK_THROWS_AS(pool.submit([] { throw 1; }, {.timeout = std::chrono::hours(1)}).get(), int);
  CHECK(pool.submit([] { return 1; }, {.timeout = TaskOptions::kNoTimeout - milliseconds(1)}).get() == 1);
}

TEST_CASE("a task whose stop is requested in the queue never runs", "[pool][cancel]") {
  ThreadPool pool(fixed_pool(1));
  JobTold told;
  bool ran = false;
  std::stop_source source;
  Future<void> future;
  {
    const Occupied worker(pool);
    future = pool.submit([&ran] { ran = true; }, {.stop = source.get_token(), .on_error = told.callback()});
    source.request_stop();
  }
  CHECK_THROWS_AS(future.get(), CancelledError);
  CHECK(pool.wait_idle());
  CHECK_FALSE(ran);
  CHECK(told.times == 1);
  CHECK(told.is<CancelledError>());
  CHECK(pool.stats().cancelled == 1);
  check_accounts(pool);
}

TEST_CASE("a running task sees its stop token, and may end early or give up", "[pool][cancel]") {
  Gate begun;
  ThreadPool pool(fixed_pool(1));
  std::stop_source source;
  auto early = pool.submit(
      [&begun](const std::stop_token& stop) {
        begun.open();
        while (!stop.stop_requested()) std::this_thread::yield();
        return 9;
      },
      {.stop = source.get_token()});
  begun.wait();
  source.request_stop();
  CHECK(early.get() == 9);
  std::stop_source other;
  auto given_up = pool.submit(
      [&other](const std::stop_token&) {
        other.request_stop();
        throw CancelledError();
      },
      {.stop = other.get_token()});
  CHECK_THROWS_AS(given_up.get(), CancelledError);
  CHECK(pool.wait_idle());
  CHECK(pool.stats().completed == 1);
  CHECK(pool.stats().cancelled == 1);
  check_accounts(pool);
}

TEST_CASE("callbacks run once, the success one with the result before it is ready", "[pool][callback]") {
  ThreadPool pool(fixed_pool(1));
  JobTold told;
  std::vector<int> seen;
  CHECK(
      pool.submit([] { return 6; }, {.on_error = told.callback()}, [&](int value) { seen.push_back(value); })
          .get() == 6);
  CHECK(seen == std::vector<int>{6});
  CHECK(told.times == 0);
  auto failing = pool.submit([]() -> int { throw 42; }, {.on_error = told.callback()},
                             [&](int value) { seen.push_back(value); });
  CHECK_THROWS_AS(failing.get(), int);
  CHECK(told.times == 1);
  CHECK(told.is<int>());
  CHECK(seen.size() == 1);
}

TEST_CASE("a callback that throws is counted, its task counted once, and the worker lives",
          "[pool][callback]") {
  ThreadPool pool(fixed_pool(1));
  CHECK(pool.submit([] { return 6; }, {}, [](int) { throw 1; }).get() == 6);
  auto failing = pool.submit([] { throw 42; }, {.on_error = [](const std::exception_ptr&) { throw 2; }});
  CHECK_THROWS_AS(failing.get(), int);
  CHECK(pool.wait_idle());
  const PoolStats stats = pool.stats();
  CHECK(stats.callback_errors == 2);
  CHECK(stats.completed == 1);
  CHECK(stats.failed == 1);
  check_accounts(pool);
}

}  // namespace
}  // namespace crosstalk::pool
