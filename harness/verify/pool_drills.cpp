// Drills of a thread pool: what is queued is known, and so what must run, and in which order.
#include <sched.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/verify/pool_cases.h"
#include "harness/verify/process_look.h"
#include "harness/verify/puppets.h"
#include "harness/verify/task_gate.h"
#include "pool/cache_line.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::Priority;
using PoolPtr = std::unique_ptr<pool::WorkerPool>;

constexpr const char* kLost = "no accepted task is lost";
constexpr const char* kShutdown = "shutdown";

PoolOptions fixed_options(unsigned threads) {
  PoolOptions options = PoolOptions::fixed(threads);
  options.capacity = 64;
  return options;
}

// What ran, in which order.
class RunList {
 public:
  void add(unsigned id) {
    const std::lock_guard guard(mutex_);
    ids_.push_back(id);
  }
  [[nodiscard]] std::vector<unsigned> ids() const {
    const std::lock_guard guard(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;  // guards the list
  std::vector<unsigned> ids_;
};

std::string text_of(const std::vector<unsigned>& ids) {
  std::string text;
  for (const unsigned id : ids) text.append(text.empty() ? "" : " ").append(std::to_string(id));
  return text;
}

void shut_down(CaseRun& run, pool::WorkerPool& pool, const char* detail) {
  run.expect(kShutdown, detail);
  pool.shutdown();
  run.expect_nothing();
  run.step();
}

void must_accept(CaseRun& run, Admission admission) {
  if (admission == Admission::rejected) run.fail(kLost, "a pool with room, not shut down, rejected a task");
}

// The pool comes and goes with few tasks, over and over.
void come_and_go(CaseRun& run, const AnyPool& any, std::uint64_t seed) {
  Random random(seed);
  for (unsigned turn = 0; turn < 20; ++turn) {
    const auto threads = static_cast<unsigned>(1 + random.below(4));
    const std::uint64_t tasks = random.below(4);
    std::atomic<std::uint64_t> ran{0};
    const PoolPtr pool = any.make(fixed_options(threads));
    for (std::uint64_t i = 0; i < tasks; ++i) {
      must_accept(run, pool->post([&ran] { raise(ran); }, static_cast<Priority>(random.below(4))));
    }
    for (std::uint64_t i = random.below(3) * random.below(200); i > 0; --i) pool::cpu_relax();
    shut_down(run, *pool, "shutdown() of a pool with few tasks does not return");
    if (look(ran) != tasks)
      run.fail(kLost, std::to_string(look(ran)) + " of " + std::to_string(tasks) +
                          " tasks ran before shutdown() returned");
  }
}

// Everything that was queued before the shutdown runs, whatever its priority.
void drain(CaseRun& run, const AnyPool& any, Puppets& puppets, bool urgent) {
  constexpr unsigned kTasks = 16;
  const PoolPtr pool = any.make(fixed_options(2));
  TaskGate gate;
  RunList ran;
  for (unsigned i = 0; i < 2; ++i) must_accept(run, pool->post([&gate] { gate.wait(); }, Priority::urgent));
  run.expect(kLost, "workers do not take a task");
  gate.await(1);
  run.expect_nothing();
  // No pool promises that two run at once: it may give both to one worker. Where they do, what follows stays queued.
  for (unsigned looks = 0; looks < 1'000 && gate.waiting() < 2; ++looks) sched_yield();
  for (unsigned i = 0; i < kTasks; ++i) {
    const auto priority = urgent ? Priority::urgent : static_cast<Priority>(i % 4);
    must_accept(run, pool->post([&ran, i] { ran.add(i); }, priority));
  }
  run.expect(kShutdown, "shutdown() with tasks queued");
  puppets.tell(0, [&pool](Member& member) {
    member.begin("shutdown");
    pool->shutdown();
    member.end();
  });
  const bool early = puppets.settles(0);
  if (early) run.fail(kShutdown, "shutdown() returned while tasks ran");
  gate.open();
  puppets.await(0, kShutdown, "shutdown() with tasks queued does not return");
  if (ran.ids().size() != kTasks) {
    run.fail(kShutdown, std::to_string(ran.ids().size()) + " of " + std::to_string(kTasks) +
                            " queued tasks ran before shutdown() returned");
  }
}

constexpr unsigned kOrderedMost = 24;

// So many that none of them may be preferred for having been passed over too often.
unsigned tasks_to_order(const pool::PoolContract& contract) {
  return contract.patience == 0
             ? kOrderedMost
             : static_cast<unsigned>(std::min<std::uint64_t>(kOrderedMost, contract.patience));
}

// One worker, everything queued beforehand: the order is known, that of the priorities, and where the pool promises it that of submission
// among equals.
void order(CaseRun& run, const AnyPool& any, bool mixed, std::uint64_t seed) {
  const unsigned tasks = mixed ? tasks_to_order(any.contract) : kOrderedMost;
  Random random(seed);
  const PoolPtr pool = any.make(fixed_options(1));
  TaskGate gate;
  RunList ran;
  must_accept(run, pool->post([&gate] { gate.wait(); }, Priority::urgent));
  run.expect(kLost, "a worker does not take a task");
  gate.await(1);
  run.expect_nothing();
  std::vector<unsigned> expected;
  std::vector<std::uint64_t> priority;
  for (unsigned i = 0; i < tasks; ++i) {
    priority.push_back(mixed ? random.below(4) : 2);
    expected.push_back(i);
    must_accept(run, pool->post([&ran, i] { ran.add(i); }, static_cast<Priority>(priority.back())));
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [&](unsigned a, unsigned b) { return priority[a] < priority[b]; });
  gate.open();
  shut_down(run, *pool, "shutdown() with tasks queued does not return");
  const std::vector<unsigned> ids = ran.ids();
  if (ids.size() != tasks)
    run.fail(kShutdown, std::to_string(ids.size()) + " of " + std::to_string(tasks) + " queued tasks ran");
  const auto same = [&](unsigned a, unsigned b) {
    return any.contract.fifo ? a == b : priority[a] == priority[b];
  };
  if (!std::equal(ids.begin(), ids.end(), expected.begin(), same)) {
    run.fail(mixed ? "order of priority" : "order of submission",
             "ran: " + text_of(ids) + "; expected: " + text_of(expected));
  }
}

// Tasks that go on posting while the pool ends: what is accepted runs.
void post_at_the_end(CaseRun& run, const AnyPool& any) {
  const PoolPtr pool = any.make(fixed_options(2));
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> ran{0};
  std::function<void(unsigned)> post = [&](unsigned left) {
    const auto task = [&, left] {
      raise(ran);
      if (left > 0) post(left - 1);
    };
    if (pool->post(task, Priority::normal) != Admission::rejected) raise(accepted);
  };
  for (unsigned i = 0; i < 4; ++i) post(20);
  shut_down(run, *pool, "shutdown() with tasks that post tasks does not return");
  if (look(ran) < look(accepted)) run.fail(kLost, "a task that a task posted was accepted and did not run");
  if (look(ran) > look(accepted)) run.fail("exactly once", "a task ran that had been rejected");
}

// Workers survive what tasks throw, and the books say so.
void throwing(CaseRun& run, const AnyPool& any) {
  constexpr unsigned kTasks = 12;
  const PoolPtr pool = any.make(fixed_options(2));
  std::atomic<std::uint32_t> ran{0};
  for (unsigned i = 0; i < kTasks; ++i) {
    const auto task = [&ran, i] {
      raise(ran);
      ran.notify_all();
      if (i % 6 == 0) throw static_cast<int>(i);
      if (i % 6 == 2) throw std::runtime_error("of a task");
      if (i % 6 == 4) throw std::bad_alloc();
    };
    must_accept(run, pool->post(task, Priority::normal));
  }
  run.expect("survives what tasks throw", "tasks beside others that throw do not run");
  // relaxed: only the number counts.
  for (std::uint32_t seen = look(ran); seen < kTasks; seen = look(ran))
    ran.wait(seen, std::memory_order_relaxed);
  run.expect_nothing();
  pool::PoolStats stats = pool->stats();
  const auto settled = [&] {
    stats = pool->stats();
    const bool threads = !any.contract.threads_counted || (stats.active == 0 && stats.idle == stats.total);
    return stats.failed == kTasks / 2 && stats.completed == kTasks / 2 && threads;
  };
  // Until nobody in the process has anything left to do: a worker that does not get the processor is not asleep. Counted in naps and not
  // by the clock: a process that is stopped meanwhile has not used them up.
  for (unsigned naps = 0, quiet = 0; naps < 20'000 && quiet < 400 && !settled(); ++naps) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run.step();
    quiet = others_sleep(run.page()) ? quiet + 1 : 0;
  }
  if (!settled()) {
    run.fail("books", "after 6 tasks that threw and 6 that did not: failed " + std::to_string(stats.failed) +
                          ", completed " + std::to_string(stats.completed) + ", active " +
                          std::to_string(static_cast<int>(stats.active)) + ", idle " +
                          std::to_string(static_cast<int>(stats.idle)) + " of " +
                          std::to_string(stats.total) + " threads");
  }
  shut_down(run, *pool, "shutdown() after tasks that threw does not return");
}

}  // namespace

void drill_pool(CaseRun& run, const AnyPool& any) {
  Puppets puppets(run, 1);
  std::vector<std::pair<const char*, std::function<void(const Round&)>>> drills{
      {"pools come and go", [&](const Round& round) { come_and_go(run, any, round.seed); }},
      {"shutdown with tasks queued", [&](const Round&) { drain(run, any, puppets, false); }},
      {"shutdown with urgent tasks queued", [&](const Round&) { drain(run, any, puppets, true); }},
      {"tasks that throw", [&](const Round&) { throwing(run, any); }},
      {"tasks that post while it ends", [&](const Round&) { post_at_the_end(run, any); }}};
  if (any.contract.fifo)
    drills.emplace_back("order of submission",
                        [&](const Round& round) { order(run, any, false, round.seed); });
  if (any.contract.priorities && tasks_to_order(any.contract) > 1)
    drills.emplace_back("order of priority", [&](const Round& round) { order(run, any, true, round.seed); });
  std::vector<std::size_t> cells;
  for (const auto& drill : drills) cells.push_back(run.cell(std::string("drill: ") + drill.first));
  run.rounds([&](const Round& round) {
    for (std::size_t i = 0; i < drills.size(); ++i) {
      const std::size_t which = (round.number + i) % drills.size();
      drills[which].second(round);
      run.count(cells[which]);
    }
  });
}

}  // namespace crosstalk::harness::verify
