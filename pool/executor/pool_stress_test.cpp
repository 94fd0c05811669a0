// The pool under many short lives and all hands: nothing is lost, nothing runs twice, every life ends.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/executor/executor_test_help.h"
#include "pool/executor/strand.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

void require_accounts(const ThreadPool& pool) {
  const PoolStats stats = pool.stats();
  REQUIRE(stats.submitted == stats.accounted());
}

TEST_CASE("pools come and go with their tasks done, shut down from all sides", "[pool][executor][stress]") {
  for (unsigned round = 0; round < stress_rounds(10'000); ++round) {
    std::atomic<unsigned> ran{0};
    const unsigned tasks = round % 4;
    std::size_t unrun = 0;
    {
      ThreadPool::Options options = fixed_pool(1 + round % 3);
      if (round % 2 == 0) {
        options.max_threads = 4;
        options.keep_alive = std::chrono::microseconds(round % 64);
      }
      ThreadPool pool(options);
      for (unsigned i = 0; i < tasks; ++i) pool.post(Task([&] { ++ran; }), static_cast<Priority>(i));
      if (round % 5 == 0) REQUIRE(pool.wait_idle());
      if (round % 16 == 3) {
        detail::run_threads(2, [&](unsigned) { pool.shutdown(); });
      } else if (round % 16 == 7) {
        std::atomic<std::size_t> back{0};
        detail::run_threads(2, [&](unsigned id) {
          if (id == 0) back += pool.shutdown_now().size();
          if (id == 1) back += pool.shutdown_gracefully(std::chrono::nanoseconds(0)).unrun.size();
        });
        unrun = back;
        pool.shutdown();
        require_accounts(pool);
        REQUIRE(pool.stats().unrun == unrun);
      }
    }
    REQUIRE(ran + unrun == tasks);
  }
}

TEST_CASE(
    "submitting while the pool ends: every task is run, refused or handed back (the Python's could be neither)",
    "[pool][executor][stress]") {
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    ThreadPool pool(fixed_pool(2, 4, round % 2 == 0 ? QueuePolicy::block : QueuePolicy::caller_runs));
    std::atomic<unsigned> ran{0};
    std::atomic<unsigned> refused{0};
    std::atomic<unsigned> back{0};
    constexpr unsigned kEach = 30;
    detail::run_threads(4, [&](unsigned id) {
      if (id == 3) {
        if (round % 3 == 0) back += static_cast<unsigned>(pool.shutdown_now().size());
        pool.shutdown();
        return;
      }
      for (unsigned i = 0; i < kEach; ++i) {
        const Admission admission = pool.post(Task([&] {
                                                ++ran;
                                                if (pool.post(Task([&ran] { ++ran; })) == Admission::rejected)
                                                  ++ran;
                                              }),
                                              static_cast<Priority>(i % 4));
        if (admission == Admission::rejected) refused += 2;
      }
    });
    const PoolStats stats = pool.stats();
    REQUIRE(stats.submitted == stats.accounted());
    REQUIRE(stats.unrun == back);
    REQUIRE(ran + refused + stats.unrun >= 3 * 2 * kEach - stats.unrun);
    REQUIRE(stats.total == 0);
  }
}

TEST_CASE("blocked submitters lose nothing, under every policy", "[pool][executor][stress]") {
  for (const QueuePolicy policy : {QueuePolicy::block, QueuePolicy::block_timeout, QueuePolicy::reject,
                                   QueuePolicy::caller_runs, QueuePolicy::drop_oldest}) {
    const unsigned each = stress_rounds(20'000);
    std::atomic<std::uint64_t> ran{0};
    ThreadPool pool(fixed_pool(2, 4, policy));
    detail::run_threads(4, [&](unsigned) {
      for (unsigned i = 0; i < each; ++i) pool.post(Task([&] { ++ran; }), static_cast<Priority>(i % 4));
    });
    REQUIRE(pool.wait_idle());
    const PoolStats stats = pool.stats();
    CHECK(stats.submitted == std::uint64_t{4} * each);
    CHECK(stats.completed == ran);
    CHECK(stats.submitted == stats.accounted());
    if (policy == QueuePolicy::block) CHECK(ran == std::uint64_t{4} * each);
  }
}

TEST_CASE("tasks of one submitter at one priority start in order", "[pool][executor][stress]") {
  ThreadPool pool(fixed_pool(1, 64));
  const unsigned each = stress_rounds(10'000);
  struct Seen {
    std::array<unsigned, kPriorities> last{};
    bool in_order = true;
  };
  std::array<Seen, 3> seen{};  // one worker: tasks run one at a time
  detail::run_threads(3, [&](unsigned id) {
    for (unsigned i = 1; i <= each; ++i) {
      const auto lane = static_cast<std::size_t>(i * 7 % 4);
      pool.post(Task([&seen, id, lane, i] {
                  seen[id].in_order = seen[id].in_order && seen[id].last[lane] < i;
                  seen[id].last[lane] = i;
                }),
                static_cast<Priority>(lane));
    }
  });
  REQUIRE(pool.wait_idle());
  for (const Seen& one : seen) CHECK(one.in_order);
}

TEST_CASE(
    "a pool that breathes keeps its bounds and its tasks (the Python looked, then made a thread too many)",
    "[pool][executor][stress]") {
  ThreadPool::Options options = fixed_pool(1, 16);
  options.max_threads = 4;
  options.keep_alive = std::chrono::nanoseconds(0);
  ThreadPool pool(options);
  std::atomic<unsigned> ran{0};
  std::atomic<bool> in_bounds{true};
  const unsigned each = stress_rounds(3'000);
  detail::run_threads(4, [&](unsigned id) {
    for (unsigned i = 0; i < each; ++i) {
      if (id == 0) {
        const PoolStats stats = pool.stats();
        if (stats.total > 6 || stats.total < 1 || stats.active > stats.total) in_bounds = false;
        if (i % 64 == 0) pool.resize(1 + i / 64 % 2, 2 + i / 64 % 5);
        if (i % 64 == 17) {
          pool.pause();
          std::this_thread::yield();
          pool.resume();
        }
      }
      pool.post(Task([&ran] { ++ran; }));
    }
  });
  REQUIRE(pool.wait_idle());
  CHECK(in_bounds);
  CHECK(ran == 4 * each);
  check_accounts(pool);
}

TEST_CASE("deadlines, stops and failures beside each other: each task ends in one way",
          "[pool][executor][stress]") {
  ThreadPool pool(fixed_pool(2, 32));
  const unsigned each = stress_rounds(4'000);
  std::atomic<unsigned> told{0};
  std::atomic<unsigned> succeeded{0};
  detail::run_threads(3, [&](unsigned id) {
    for (unsigned i = 0; i < each; ++i) {
      std::stop_source source;
      TaskOptions options{.priority = static_cast<Priority>(i % 4),
                          .stop = source.get_token(),
                          .on_error = [&told](const std::exception_ptr&) { ++told; }};
      if (i % 5 == id) options.timeout = std::chrono::nanoseconds(i % 3 * 20'000);
      auto future = pool.submit(
          [i] {
            if (i % 11 == 0) throw i;
          },
          options, [&succeeded] { ++succeeded; });
      if (i % 7 == 0) source.request_stop();
      if (i % 13 != 0) continue;
      try {
        future.get();
      } catch (...) {
      }
    }
  });
  REQUIRE(pool.wait_idle());
  const PoolStats stats = pool.stats();
  CHECK(stats.submitted == 3 * each);
  CHECK(stats.submitted == stats.accounted());
  CHECK(succeeded == stats.completed);
  CHECK(told == stats.failed + stats.timed_out + stats.cancelled);
}

// The monitor looks at the statistics, for which it needs a lock; a shutdown that joined it under that lock hung.
TEST_CASE("a monitor that is at work when the pool ends does not keep it from ending",
          "[pool][executor][stress]") {
  for (unsigned round = 0; round < stress_rounds(500); ++round) {
    std::atomic<unsigned> calls{0};
    ThreadPool::Options options = fixed_pool(1);
    options.monitor_interval = std::chrono::microseconds(1);
    options.monitor = [&calls](const PoolStats&) { ++calls; };
    ThreadPool pool(options);
    pool.post(Task([] {}));
    if (round % 2 == 0) {
      while (calls == 0) std::this_thread::yield();
    }
    pool.shutdown();
    require_accounts(pool);
  }
}

TEST_CASE("nested waits in a small pool end one way or the other", "[pool][future][stress]") {
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    ThreadPool::Options options = fixed_pool(2);
    options.max_threads = 2 + round % 3;
    ThreadPool pool(options);
    std::vector<Future<int>> outer;
    for (int i = 0; i < 6; ++i) {
      outer.push_back(pool.submit([&pool] {
        auto first = pool.submit([] { return 1; });
        auto second = pool.submit([] { return 1; });
        return first.get() + second.get();
      }));
    }
    unsigned ended = 0;
    for (auto& future : outer) {
      try {
        if (future.get() == 2) ++ended;
      } catch (const DeadlockError&) {
        ++ended;
      }
    }
    REQUIRE(ended == 6);
    REQUIRE(pool.wait_idle());
    require_accounts(pool);
  }
}

}  // namespace
}  // namespace crosstalk::pool
