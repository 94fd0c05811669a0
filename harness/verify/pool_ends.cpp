// Ends of a thread pool: twice, by several at once, in a task, in the destructor, at once; and its beginning with fewer threads than asked
// for, or none.
#include <new>
#include <string>
#include <system_error>

#include "harness/verify/pool_faults.h"
#include "harness/verify/puppets.h"
#include "harness/verify/scarce_threads.h"
#include "harness/verify/task_gate.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

namespace {

using pool::PoolOptions;
using pool::Priority;

constexpr const char* kEnds = "shutdown";
constexpr const char* kGone = "no accepted task is lost";
constexpr std::uint64_t kQueued = 6;

// A pool whose only worker is held at a gate, with tasks queued behind it.
struct HeldPool {
  HeldPool(CaseRun& run, const AnyFaultPool& any) : faulty(any.make(PoolOptions::fixed(1))) {
    faulty->pool().post([this] { gate.wait(); }, Priority::normal);
    run.expect(kGone, "a worker does not take a task");
    gate.await(1);
    run.expect_nothing();
    for (std::uint64_t i = 0; i < kQueued; ++i) faulty->pool().post([this] { raise(ran); }, Priority::normal);
  }
  TaskGate gate;
  std::atomic<std::uint64_t> ran{0};
  std::unique_ptr<PoolWithFaults> faulty;
};

void must_have_run(CaseRun& run, const HeldPool& held, std::uint64_t expected, const char* when) {
  if (look(held.ran) == expected) return;
  run.fail(look(held.ran) < expected ? kGone : "exactly once",
           std::to_string(look(held.ran)) + " of " + std::to_string(expected) + " queued tasks ran " + when);
}

// Each of them returns after the end, and once more is no error.
void end_by_three(CaseRun& run, Puppets& puppets, const AnyFaultPool& any) {
  HeldPool held(run, any);
  for (unsigned who = 0; who < 3; ++who) {
    puppets.tell(who, [&held](Member& member) {
      member.begin("shutdown");
      held.faulty->pool().shutdown();
      member.end();
    });
    if (puppets.settles(who)) run.fail(kEnds, "of several callers of shutdown() one returned before the end");
  }
  held.gate.open();
  for (unsigned who = 0; who < 3; ++who)
    puppets.await(who, kEnds, "of several callers of shutdown() one does not return");
  must_have_run(run, held, kQueued, "before shutdown() returned");
  run.expect(kEnds, "a second shutdown() does not return");
  held.faulty->pool().shutdown();
  run.expect_nothing();
}

void end_in_destructor(CaseRun& run, Puppets& puppets, const AnyFaultPool& any) {
  HeldPool held(run, any);
  puppets.tell(0, [&held](Member& member) {
    member.begin("destructor");
    held.faulty.reset();
    member.end();
  });
  if (puppets.settles(0)) run.fail(kEnds, "the destructor returned while a task ran");
  held.gate.open();
  puppets.await(0, kEnds, "the destructor with tasks queued does not return");
  must_have_run(run, held, kQueued, "before the destructor returned");
}

// It would wait for itself: it must say so instead, and the pool goes on.
void end_in_task(CaseRun& run, const AnyFaultPool& any) {
  const auto faulty = any.make(PoolOptions::fixed(2));
  std::atomic<int> refused{-1};
  run.expect(kEnds, "shutdown() in a task of the pool waits for itself");
  TaskGate done;
  faulty->pool().post(
      [&] {
        try {
          faulty->pool().shutdown();
          note(refused, 0);
        } catch (const std::exception&) {
          note(refused, 1);
        }
        done.wait();
      },
      Priority::normal);
  done.await(1);
  done.open();
  if (look(refused) != 1) run.fail(kEnds, "shutdown() in a task of the pool is not refused");
  faulty->pool().shutdown();
  run.expect_nothing();
}

void end_at_once(CaseRun& run, const AnyFaultPool& any) {
  HeldPool held(run, any);
  run.expect(kEnds, "shutdown_now() waits for the tasks that run");
  const std::size_t back = held.faulty->shutdown_now();
  held.gate.open();
  run.expect(kEnds, "shutdown() after shutdown_now() does not return");
  held.faulty->pool().shutdown();
  run.expect_nothing();
  must_have_run(run, held, 0, "though shutdown_now() ended the pool");
  const pool::PoolStats stats = held.faulty->pool().stats();
  if (back != kQueued || stats.unrun != kQueued) {
    run.fail("books", "shutdown_now() of " + std::to_string(kQueued) + " queued tasks handed back " +
                          std::to_string(back) + ", and counted " + std::to_string(stats.unrun));
  }
}

void books_of_few(CaseRun& run, const pool::WorkerPool& pool, unsigned threads, std::uint64_t failures) {
  const pool::PoolStats stats = pool.stats();
  if (stats.total != threads || (failures != 0) != (stats.creation_failures != 0)) {
    run.fail("books", "with " + std::to_string(threads) + " threads to be had the pool counts " +
                          std::to_string(stats.total) + ", and " + std::to_string(stats.creation_failures) +
                          " that could not be had");
  }
}

// The system gives so many threads of three.
void begin_with_few(CaseRun& run, const AnyFaultPool& any, unsigned good) {
  PoolOptions options = PoolOptions::fixed(3);
  std::atomic<unsigned> asked{0};
  options.start_thread = [&asked, good](std::function<void()> body) {
    // relaxed: only the number counts.
    if (asked.fetch_add(1, std::memory_order_relaxed) >= good)
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(std::move(body));
  };
  std::unique_ptr<PoolWithFaults> faulty;
  try {
    faulty = any.make(options);
  } catch (const std::system_error&) {
    if (good != 0) run.fail("scarce threads", "a pool is refused although some threads can be had");
    return;
  }
  if (good == 0) run.fail("scarce threads", "a pool without threads is there");
  books_of_few(run, faulty->pool(), good, 3 - good);
  std::atomic<std::uint64_t> ran{0};
  for (int i = 0; i < 12; ++i) faulty->pool().post([&ran] { raise(ran); }, Priority::normal);
  run.expect("scarce threads", "a pool with fewer threads than asked for does not run its tasks");
  faulty->pool().shutdown();
  run.expect_nothing();
  if (look(ran) != 12) run.fail(kGone, "a pool with fewer threads than asked for lost tasks");
}

// It wants to grow, and no thread can be had: the system itself refuses them.
void grow_in_vain(CaseRun& run, const AnyFaultPool& any) {
  PoolOptions options;
  options.min_threads = 1;
  options.max_threads = 4;
  const auto faulty = any.make(options);
  TaskGate gate;
  std::atomic<std::uint64_t> ran{0};
  faulty->pool().post([&gate] { gate.wait(); }, Priority::normal);
  gate.await(1);
  where_no_thread_starts([&] {
    for (int i = 0; i < 4; ++i) faulty->pool().post([&ran] { raise(ran); }, Priority::normal);
  });
  books_of_few(run, faulty->pool(), 1, 1);
  gate.open();
  run.expect("scarce threads", "a pool that could not grow does not run its tasks");
  faulty->pool().shutdown();
  run.expect_nothing();
  if (look(ran) != 4) run.fail(kGone, "a pool that could not grow lost tasks");
  bool refused = false;
  where_no_thread_starts([&] {
    try {
      any.make(PoolOptions::fixed(2));
    } catch (const std::system_error&) {
      refused = true;
    }
  });
  if (!refused) run.fail("scarce threads", "a pool is there although no thread can be had");
}

}  // namespace

void drill_pool_ends(CaseRun& run, const AnyFaultPool& any) {
  Puppets puppets(run, 3);
  const std::vector<std::pair<const char*, std::function<void()>>> drills{
      {"drill: three shutdowns at once, and one more", [&] { end_by_three(run, puppets, any); }},
      {"drill: the destructor with tasks queued", [&] { end_in_destructor(run, puppets, any); }},
      {"drill: shutdown in a task", [&] { end_in_task(run, any); }},
      {"drill: shutdown_now with tasks queued", [&] { end_at_once(run, any); }}};
  std::vector<std::size_t> cells;
  for (const auto& drill : drills) cells.push_back(run.cell(drill.first));
  run.rounds([&](const Round& round) {
    for (std::size_t i = 0; i < drills.size(); ++i) {
      const std::size_t which = (i + round.number) % drills.size();
      drills[which].second();
      run.count(cells[which]);
      run.step();
    }
  });
}

void drill_pool_threads(CaseRun& run, const AnyFaultPool& any) {
  const std::size_t few = run.cell("drill: the n-th thread cannot be had");
  const std::size_t none = run.cell("drill: no further thread can be had");
  run.rounds([&](const Round&) {
    for (unsigned good = 0; good < 3; ++good) {
      begin_with_few(run, any, good);
      run.count(few);
    }
    grow_in_vain(run, any);
    run.count(none);
  });
}

}  // namespace crosstalk::harness::verify
