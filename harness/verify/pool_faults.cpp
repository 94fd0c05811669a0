// Callbacks that throw, and tasks that overrun their deadline.
#include "harness/verify/pool_faults.h"

#include <sched.h>

#include <new>
#include <stdexcept>
#include <string>

#include "harness/verify/task_gate.h"
#include "pool/executor/pool_stats.h"
#include "pool/executor/task_errors.h"

namespace crosstalk::harness::verify {

namespace {

using pool::PoolOptions;
using pool::PoolStats;

struct CallbackThrows {};

void throw_something(std::uint64_t which) {
  if (which % 3 == 0) throw std::runtime_error("of a task");
  if (which % 3 == 1) throw 42;
  throw std::bad_alloc();
}

// A task after all of them: the workers have survived.
void still_works(CaseRun& run, pool::WorkerPool& pool, const char* after) {
  run.expect("survives what callbacks throw", std::string("no task runs after ") + after);
  TaskGate gate;
  pool.post([&gate] { gate.wait(); }, pool::Priority::normal);
  gate.await(1);
  gate.open();
  pool.shutdown();
  run.expect_nothing();
  run.step();
}

void books_must_say(CaseRun& run, const char* what, std::uint64_t counted, std::uint64_t expected) {
  if (counted == expected) return;
  run.fail("books", std::string(what) + ": counted " + std::to_string(counted) + ", there were " +
                        std::to_string(expected));
}

// 0: the pool's own on_error, 1: the task's, 2: on_success.
void callbacks_throw(CaseRun& run, const AnyFaultPool& any, unsigned whose) {
  constexpr std::uint64_t kTasks = 6;
  PoolOptions options = PoolOptions::fixed(2);
  if (whose == 0) options.on_error = [](const std::exception_ptr&) { throw CallbackThrows(); };
  const auto faulty = any.make(options);
  std::atomic<std::uint64_t> called{0};
  for (std::uint64_t i = 0; i < kTasks; ++i) {
    if (whose == 0) {
      faulty->pool().post([i] { throw_something(i); }, pool::Priority::normal);
      continue;
    }
    PoolWithFaults::Watched watched;
    watched.task = [i, whose] {
      if (whose == 1) throw_something(i);
    };
    watched.on_error = [&called, whose](const std::exception_ptr&) {
      raise(called, std::uint64_t{whose == 1});
      if (whose == 1) throw CallbackThrows();
    };
    watched.on_success = [&called] {
      raise(called);
      throw CallbackThrows();
    };
    faulty->submit(std::move(watched));
  }
  still_works(run, faulty->pool(), "callbacks that threw");
  const PoolStats stats = faulty->pool().stats();
  books_must_say(run, "callbacks that threw", stats.callback_errors, kTasks);
  books_must_say(run, "tasks", stats.accounted(), kTasks + 1);
  books_must_say(run, "submitted", stats.submitted, kTasks + 1);
  if (whose != 0) books_must_say(run, "callbacks", look(called), kTasks);
  if (whose < 2) books_must_say(run, "failed", stats.failed, kTasks);
}

// The first runs past its deadline, the second one's passes while it waits for the first. Where the first was late to begin, the second may
// begin in time; it then overruns, too.
void deadlines_pass(CaseRun& run, const AnyFaultPool& any) {
  const auto faulty = any.make(PoolOptions::fixed(1));
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> ran{0};
  const auto submit = [&](std::function<void()> task) {
    PoolWithFaults::Watched watched;
    watched.task = std::move(task);
    watched.timeout = std::chrono::milliseconds(1);
    watched.on_success = [&wrong] { raise(wrong); };
    watched.on_error = [&](const std::exception_ptr& error) {
      try {
        std::rethrow_exception(error);
      } catch (const pool::TimeoutError&) {
        raise(told);
      } catch (...) {
        raise(wrong);
      }
    };
    faulty->submit(std::move(watched));
  };
  std::atomic<bool> both{false};
  const auto overrun = [&ran, &both] {
    raise(ran);
    // Or the second might be submitted when the first is over.
    while (!look(both)) sched_yield();
    const auto late = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < late) sched_yield();
  };
  submit(overrun);
  submit(overrun);
  note(both, true);
  still_works(run, faulty->pool(), "tasks that overran their deadline");
  const PoolStats stats = faulty->pool().stats();
  if (look(wrong) != 0)
    run.fail("deadlines", "the result of a task that overran its deadline was not discarded");
  books_must_say(run, "time-outs told", look(told), 2);
  books_must_say(run, "timed out", stats.timed_out, 2);
  books_must_say(run, "completed", stats.completed, 1);
  if (look(ran) > 2) run.fail("exactly once", "a task ran twice");
}

void drill_callbacks(CaseRun& run, const AnyFaultPool& any) {
  const std::size_t pools = run.cell("drill: the pool's error callback throws");
  const std::size_t tasks = run.cell("drill: a task's error callback throws");
  const std::size_t success = run.cell("drill: a success callback throws");
  const std::size_t late = run.cell("drill: deadlines pass");
  run.rounds([&](const Round&) {
    callbacks_throw(run, any, 0);
    run.count(pools);
    callbacks_throw(run, any, 1);
    run.count(tasks);
    callbacks_throw(run, any, 2);
    run.count(success);
    deadlines_pass(run, any);
    run.count(late);
  });
}

}  // namespace

std::vector<VerifyCase> pool_fault_cases(const AnyFaultPool& any) {
  return {{"callbacks and deadlines", [any](CaseRun& run) { drill_callbacks(run, any); }, 0.1},
          {"ends", [any](CaseRun& run) { drill_pool_ends(run, any); }, 0.1},
          {"scarce threads", [any](CaseRun& run) { drill_pool_threads(run, any); }, 0.1},
          {"full queues", [any](CaseRun& run) { drill_full_queues(run, any); }, 0.1}};
}

}  // namespace crosstalk::harness::verify
