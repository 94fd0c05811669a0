// Rounds of a fresh pool, many submitters, and laws that hold at the end of each.
#include <string>
#include <thread>
#include <vector>

#include "harness/verify/crew.h"
#include "harness/verify/pool_cases.h"
#include "harness/verify/task_gate.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::Priority;

// Every task by its number: what became of it.
struct Ledger {
  explicit Ledger(std::size_t tasks) : ran(tasks), accepted(tasks) {}
  std::vector<std::atomic<std::uint8_t>> ran;
  std::vector<std::atomic<std::uint8_t>> accepted;
};

struct Crowd {
  std::atomic<std::uint64_t> inside{0};
  std::atomic<std::uint64_t> most{0};

  void enter() {
    // relaxed (all): numbers.
    const std::uint64_t now = inside.fetch_add(1, std::memory_order_relaxed) + 1;
    std::uint64_t seen = look(most);
    while (seen < now && !most.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
  }
  void leave() { inside.fetch_sub(1, std::memory_order_relaxed); }
};

void end_pool(CaseRun& run, pool::WorkerPool& pool) {
  run.expect("shutdown", "shutdown() does not return");
  pool.shutdown();
  run.expect_nothing();
  run.step();
}

void check_ledger(CaseRun& run, const Ledger& ledger, const char* when) {
  for (std::size_t i = 0; i < ledger.ran.size(); ++i) {
    if (look(ledger.ran[i]) > 1) run.fail("exactly once", "a task ran twice");
    if (look(ledger.accepted[i]) != 0 && look(ledger.ran[i]) == 0) {
      run.fail("no accepted task is lost",
               std::string("a task was accepted and had not run when shutdown() returned, ") + when);
    }
    if (look(ledger.accepted[i]) == 0 && look(ledger.ran[i]) != 0)
      run.fail("exactly once", "a task ran that had been rejected");
  }
}

void check_books(CaseRun& run, const pool::WorkerPool& pool) {
  const pool::PoolStats stats = pool.stats();
  if (stats.submitted != stats.accounted()) {
    run.fail("books", "submitted " + std::to_string(stats.submitted) + ", accounted for " +
                          std::to_string(stats.accounted()));
  }
}

void check_bounds(Crew& crew, const pool::WorkerPool& pool, unsigned most) {
  const pool::PoolStats stats = pool.stats();
  if (stats.total > most)
    crew.fail("at most max_threads",
              std::to_string(stats.total) + " threads in a pool of " + std::to_string(most));
  if (stats.idle > stats.total) {
    crew.fail("books", "idle threads: " + std::to_string(static_cast<int>(stats.idle)) + " of " +
                           std::to_string(stats.total));
  }
}

// Submits tasks of all priorities; what is accepted is noted before it can be forgotten.
void submit_some(Crew& crew, Member& member, pool::WorkerPool& pool, Ledger& ledger, Crowd& crowd,
                 std::uint64_t operations, std::size_t accepted_cell, std::size_t rejected_cell) {
  for (std::uint64_t i = 0; i < operations; ++i) {
    member.injector().outside();
    const std::uint64_t id = member.id() * operations + i;
    const bool throws = member.random().one_in(16);
    const bool yields = member.random().one_in(8);
    const auto task = [&ledger, &crowd, id, throws, yields] {
      crowd.enter();
      raise(ledger.ran[id], std::uint8_t{1});
      if (yields) sched_yield();
      crowd.leave();
      if (throws) throw 1;
    };
    member.begin("post", id);
    const Admission admission = pool.post(task, static_cast<Priority>(member.random().below(4)));
    member.end(static_cast<int>(admission));
    const bool accepted = admission != Admission::rejected;
    note(ledger.accepted[id], std::uint8_t{accepted});
    crew[0].run().count(accepted ? accepted_cell : rejected_cell);
  }
}

void check_least(CaseRun& run, const AnyPool& any, const pool::WorkerPool& pool, unsigned least) {
  if (!any.contract.threads_counted) return;
  const pool::PoolStats stats = pool.stats();
  if (stats.total < least)
    run.fail("at least min_threads",
             std::to_string(stats.total) + " threads in a pool of " + std::to_string(least) + " or more");
}

// Tasks that wait get a thread each, up to the maximum.
void fill_pool(CaseRun& run, const AnyPool& any, std::size_t filled) {
  constexpr unsigned kMost = 3;
  // Where the machine has no thread even for this, nothing is asked of the pool.
  std::thread([] {}).join();
  PoolOptions options;
  options.min_threads = 1;
  options.max_threads = kMost;
  options.capacity = 64;
  const auto pool = any.make(options);
  TaskGate gate;
  for (unsigned i = 0; i < kMost; ++i) {
    if (pool->post([&gate] { gate.wait(); }, Priority::normal) == Admission::rejected)
      run.fail("no accepted task is lost", "a pool with room, not shut down, rejected a task");
  }
  run.expect("grows to max_threads", "a task waits although there may be a thread more");
  gate.await(kMost);
  run.expect_nothing();
  gate.open();
  end_pool(run, *pool);
  run.count(filled);
}

}  // namespace

void stress_pool(CaseRun& run, const AnyPool& any) {
  const std::size_t accepted = run.cell("post = accepted");
  const std::size_t rejected = run.cell("post = rejected", true);
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 2}, 20, 200, [&](const Round& round) {
    PoolOptions options = PoolOptions::fixed(static_cast<unsigned>(1 + round.number % 3));
    options.capacity = 16;
    Ledger ledger(round.threads * round.operations);
    Crowd crowd;
    const auto pool = any.make(options);
    crew.round(round, [&](Member& member) {
      submit_some(crew, member, *pool, ledger, crowd, round.operations, accepted, rejected);
      if (any.contract.threads_counted) check_bounds(crew, *pool, options.max_threads);
    });
    end_pool(run, *pool);
    check_ledger(run, ledger, "with nobody submitting any more");
    check_books(run, *pool);
    if (look(crowd.most) > options.max_threads) {
      run.fail("at most max_threads", std::to_string(look(crowd.most)) + " tasks ran at once in a pool of " +
                                          std::to_string(options.max_threads));
    }
  });
}

// A pool whose threads come and go under trickles and bursts.
void breathe_pool(CaseRun& run, const AnyPool& any) {
  const std::size_t accepted = run.cell("post = accepted");
  const std::size_t rejected = run.cell("post = rejected", true);
  const std::size_t filled = run.cell("drill: as many tasks as threads");
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 4}, 10, 60, [&](const Round& round) {
    if (round.number % 8 == 0) fill_pool(run, any, filled);
    PoolOptions options;
    options.min_threads = 1;
    options.max_threads = 2;
    options.keep_alive = std::chrono::microseconds(round.number % 3 * 100);
    options.capacity = 256;
    Ledger ledger(round.threads * round.operations);
    Crowd crowd;
    const auto pool = any.make(options);
    run.expect("no accepted task is lost", "a task that was accepted does not run while the pool is open");
    crew.round(round, [&](Member& member) {
      submit_some(crew, member, *pool, ledger, crowd, round.operations, accepted, rejected);
      check_bounds(crew, *pool, options.max_threads);
    });
    // A trickle: one at a time, each awaited, so that the thread that runs it is always about to leave.
    for (unsigned i = 0; i < 12; ++i) {
      std::atomic<std::uint32_t> done{0};
      if (pool->post([&done] { note(done, 1U), done.notify_all(); }, Priority::normal) == Admission::rejected)
        break;
      done.wait(0, std::memory_order_relaxed);  // relaxed: only the number counts
      run.step();
      check_least(run, any, *pool, options.min_threads);
      Random random(round.seed + i);
      std::this_thread::sleep_for(std::chrono::microseconds(random.below(250)));
    }
    end_pool(run, *pool);
    check_ledger(run, ledger, "with threads coming and going");
    if (look(crowd.most) > options.max_threads) {
      run.fail("at most max_threads", std::to_string(look(crowd.most)) + " tasks ran at once in a pool of " +
                                          std::to_string(options.max_threads));
    }
  });
}

// Submitters beside a shutdown: a task is run or rejected, never accepted and forgotten.
void race_shutdown(CaseRun& run, const AnyPool& any) {
  const std::size_t accepted = run.cell("post = accepted");
  const std::size_t rejected = run.cell("post = rejected");
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 3}, 5, 60, [&](const Round& round) {
    PoolOptions options = PoolOptions::fixed(2);
    options.capacity = 512;
    Ledger ledger(round.threads * round.operations);
    Crowd crowd;
    const auto pool = any.make(options);
    run.expect("shutdown", "submitters and a shutdown wait for each other");
    crew.round(round, [&](Member& member) {
      if (member.id() != 0)
        return submit_some(crew, member, *pool, ledger, crowd, round.operations, accepted, rejected);
      for (std::uint64_t i = member.random().below(20); i > 0; --i) sched_yield();
      member.begin("shutdown");
      pool->shutdown();
      member.end();
      if (pool->post([] {}, Priority::urgent) != Admission::rejected) {
        crew.fail("shutdown", "a task was accepted after shutdown() had returned");
      }
      run.count(rejected);
    });
    run.expect_nothing();
    check_ledger(run, ledger, "with others submitting beside it");
    check_books(run, *pool);
  });
}

std::vector<VerifyCase> pool_cases(const AnyPool& any) {
  std::vector<VerifyCase> cases{{"drills", [any](CaseRun& run) { drill_pool(run, any); }, 0.4},
                                {"stress", [any](CaseRun& run) { stress_pool(run, any); }, 0.2},
                                {"shutdown race", [any](CaseRun& run) { race_shutdown(run, any); }, 0.3}};
  if (any.contract.elastic)
    cases.push_back({"breathing", [any](CaseRun& run) { breathe_pool(run, any); }, 0.4});
  return cases;
}

}  // namespace crosstalk::harness::verify
