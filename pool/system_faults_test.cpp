// What the system may do to a process, against everything in pool/ that waits: the wall clock jumps, signals interrupt system
// calls, the process is stopped, threads cannot be made.
#include "pool/interposed_calls.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "pool/events/event_bus.h"
#include "pool/executor/executor_test_help.h"
#include "pool/executor/thread_pool.h"
#include "pool/locks/rw_lock.h"
#include "pool/resources/message_store.h"
#include "pool/resources/store_test_help.h"
#include "pool/stress_rounds.h"
#include "pool/sync/condition.h"
#include "pool/sync/event_count.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {
namespace {

using namespace std::chrono_literals;

// Everything that waits with a time: none is to be had, so each has to end by its deadline.
void wait_in_every_way() {
  Semaphore none(0);
  CHECK_FALSE(none.try_acquire_for(1ms));
  RwLock lock;
  lock.lock();
  std::thread([&] {
    if (lock.try_lock_for(1ms) || lock.try_lock_shared_for(1ms)) std::abort();
  }).join();
  lock.unlock();
  EventCount never;
  CHECK_FALSE(never.await([] { return false; }, deadline_in(1ms)));
  std::mutex mutex;
  Condition condition;
  {
    std::unique_lock held(mutex);
    CHECK_FALSE(condition.wait_for(held, 1ms, [] { return false; }));
  }
  std::atomic<bool> open{false};
  ThreadPool pool(ThreadPool::Options::fixed(1));
  auto stuck = pool.submit([&] {
    while (!open) sched_yield();
  });
  CHECK_FALSE(pool.wait_idle(1ms));
  CHECK_FALSE(stuck.wait_for(1ms));
  open = true;
  stuck.get();
}

TEST_CASE("a wall clock that jumps by an hour moves no deadline", "[pool][faults]") {
  {
    const WallClockJumps jumps;
    for (int i = 0; i < 5; ++i) wait_in_every_way();
    // And what has an hour ahead of it is not over because the wall says so.
    std::atomic<bool> open{false};
    ThreadPool pool(ThreadPool::Options::fixed(1));
    auto first = pool.submit([&] {
      while (!open) sched_yield();
    });
    auto second = pool.submit([] { return 7; }, TaskOptions{.timeout = 30min});
    for (int i = 0; i < 1'000; ++i) sched_yield();
    open = true;
    CHECK(second.get() == 7);
    first.get();
  }
  wait_in_every_way();
}

TEST_CASE("signals that interrupt every wait are not seen by anybody", "[pool][faults][stress]") {
  const unsigned long before = SignalStorm::handled();
  std::atomic<std::uint64_t> run{0};
  StoreTally stored;
  std::uint64_t sent = 0;
  {
    const SignalStorm storm;
    for (unsigned round = 0; round < stress_rounds(10); ++round) {
      wait_in_every_way();
      const StoreFolder folder;
      MessageStore store(store_options_at(folder));
      ThreadPool::Options options = ThreadPool::Options::fixed(2);
      options.capacity = 4;  // so that submitters wait
      ThreadPool pool(options);
      Semaphore permits(1);
      RwLock lock;
      std::uint64_t guarded = 0;
      std::vector<std::thread> submitters;
      for (int i = 0; i < 3; ++i) {
        submitters.emplace_back([&] {
          for (int task = 0; task < 100; ++task) {
            pool.post([&] {
              permits.acquire();
              lock.lock();
              ++guarded;
              lock.unlock();
              permits.release();
              ++run;
            });
          }
        });
      }
      for (std::uint64_t sequence = 1; sequence <= 50; ++sequence, ++sent) {
        REQUIRE(store.append(new_message(1, sequence, "text"), stored.completion(sequence)) ==
                AppendStatus::queued);
      }
      for (std::thread& submitter : submitters) submitter.join();
      pool.shutdown();
      store.flush();
      CHECK(store.last_sequence(1) == 50);
      CHECK(guarded == 300);
      CHECK(pool.stats().completed == 300);
    }
  }
  CHECK(run == 300 * stress_rounds(10));
  CHECK(stored.acknowledged == sent);
  CHECK(stored.failed == 0);
  CHECK(SignalStorm::handled() > before);
}

// What a child does while its parent stops and continues it; its exit code says what was wrong.
int stopped_child(int ready, int stopped_once) {
  std::atomic<bool> open{false};
  ThreadPool::Options options;
  options.min_threads = 2;
  options.max_threads = 4;
  options.keep_alive = 50ms;
  ThreadPool pool(options);
  std::atomic<int> done{0};
  std::atomic<bool> alarm{false};
  std::vector<Future<int>> later;
  for (int i = 0; i < 4; ++i) {
    pool.post([&] {
      while (!open) sched_yield();
      ++done;
    });
  }
  for (int i = 0; i < 8; ++i) later.push_back(pool.submit([] { return 1; }, TaskOptions{.timeout = 1h}));
  char byte = 'r';
  if (::write(ready, &byte, 1) != 1) return 10;
  while (::read(stopped_once, &byte, 1) < 0 && errno == EINTR) {
  }  // the parent has stopped and continued this process by then
  open = true;
  for (auto& future : later) {
    if (future.get() != 1) alarm = true;  // throws if its deadline is said to have passed
  }
  if (!pool.wait_idle(1h) || done != 4 || alarm) return 11;
  if (pool.stats().timed_out != 0 || pool.stats().total < 2) return 12;
  while (pool.stats().total > 2) sched_yield();  // those above the minimum end in time
  if (pool.submit([] { return 3; }).get() != 3) return 13;
  pool.shutdown();
  return pool.stats().accounted() == pool.stats().submitted ? 0 : 14;
}

TEST_CASE("a process that is stopped for a while loses no task, no deadline and no thread",
          "[pool][faults]") {
  int told[2];  // by the child: that it is ready, then its verdict
  int resumed[2];
  REQUIRE(::pipe(told) == 0);
  REQUIRE(::pipe(resumed) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char verdict = 15;
    try {
      verdict = static_cast<char>(stopped_child(told[1], resumed[0]));
    } catch (...) {
    }
    if (::write(told[1], &verdict, 1) == 1) ::kill(::getpid(), SIGKILL);
    ::_exit(1);  // not usually: it runs what the parent's tests have left for the end of a process
  }
  char byte = 0;
  REQUIRE(::read(told[0], &byte, 1) == 1);
  ::kill(child, SIGSTOP);
  int status = 0;
  REQUIRE(::waitpid(child, &status, WUNTRACED) == child);
  REQUIRE(WIFSTOPPED(status));
  // How long it is stopped: longer than the keep-alive; three seconds would show the same.
  ::poll(nullptr, 0, 200);
  ::kill(child, SIGCONT);
  REQUIRE(::write(resumed[1], &byte, 1) == 1);
  char verdict = -1;
  CHECK(::read(told[0], &verdict, 1) == 1);
  CHECK(static_cast<int>(verdict) == 0);
  REQUIRE(::waitpid(child, &status, 0) == child);
  for (const int descriptor : {told[0], told[1], resumed[0], resumed[1]}) ::close(descriptor);
}

TEST_CASE("where the system gives fewer threads than asked for, the pool works with those",
          "[pool][faults]") {
  const ThreadFailures failures(1, 100);
  ThreadPool pool(ThreadPool::Options::fixed(4));
  CHECK(failures.failed() >= 1);
  CHECK(pool.stats().total == 1);
  std::atomic<int> run{0};
  for (int i = 0; i < 100; ++i) pool.post([&] { ++run; });
  REQUIRE(pool.wait_idle(1h));
  CHECK(run == 100);
  const PoolStats stats = pool.stats();
  CHECK(stats.creation_failures == static_cast<std::uint64_t>(failures.failed()));
  CHECK(stats.completed == 100);
  CHECK(stats.peak == 1);  // what there was, not what was asked for
  CHECK(stats.active == 0);
  CHECK(stats.idle == stats.total);
  pool.shutdown();
  CHECK(pool.stats().accounted() == 100);
}

// A full queue lets nobody in who would make the pool grow: with one worker that does not end, it stayed as it was for ever.
TEST_CASE("growth that failed is tried again by who finds the queue full, under every policy",
          "[pool][faults]") {
  for (const QueuePolicy policy : {QueuePolicy::block, QueuePolicy::block_timeout, QueuePolicy::reject,
                                   QueuePolicy::caller_runs, QueuePolicy::drop_oldest}) {
    ThreadPool::Options options = fixed_pool(1, 1, policy);
    options.max_threads = 2;
    options.block_timeout = 1ms;
    ThreadPool pool(options);
    const Occupied worker(pool);
    {
      const ThreadFailures failures(0, 1);
      pool.post(Task([] {}));
      CHECK(pool.stats().creation_failures == 1);
    }
    while (pool.stats().total < 2) pool.post(Task([] {}));
    while (pool.stats().depth[2] > 0) std::this_thread::yield();  // the new thread sees to the queue
    CHECK(pool.stats().peak == 2);
  }
}

TEST_CASE("a pool to which the system gives no thread at all is refused", "[pool][faults]") {
  const ThreadFailures failures(0, 100);
  CHECK_THROWS_AS(ThreadPool(ThreadPool::Options::fixed(2)), std::system_error);
  CHECK(failures.failed() > 0);
}

TEST_CASE("an event whose thread cannot be made is handed out by its publisher", "[pool][faults]") {
  EventBus bus({.threads_max = 4});
  const Topic<int> topic("a");
  std::atomic<int> here{0};
  const auto self = std::this_thread::get_id();
  const auto token = bus.subscribe(
      topic, [&](int) { here += std::this_thread::get_id() == self ? 1 : 0; }, Dispatch::thread);
  const ThreadFailures failures(0, 3);
  for (int i = 0; i < 3; ++i) CHECK(bus.publish(topic, i) == 1);
  CHECK(failures.failed() == 3);
  CHECK(here == 3);
  CHECK(bus.stats().delivered == 3);
}

}  // namespace
}  // namespace crosstalk::pool
