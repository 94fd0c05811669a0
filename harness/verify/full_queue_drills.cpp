// Thread pools with a full queue: what each policy does with the task that finds no room, and with those of a worker of the same pool.
#include <array>
#include <string>

#include "harness/verify/pool_faults.h"
#include "harness/verify/puppets.h"
#include "harness/verify/task_gate.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::PoolStats;
using pool::Priority;
using pool::QueuePolicy;

constexpr std::uint64_t kCapacity = 4;
constexpr const char* kFull = "full queue";

struct NamedPolicy {
  QueuePolicy policy;
  const char* name;
  Admission expected;
};
constexpr std::array kPolicies{NamedPolicy{QueuePolicy::block, "block", Admission::accepted},
                               NamedPolicy{QueuePolicy::reject, "reject", Admission::rejected},
                               NamedPolicy{QueuePolicy::caller_runs, "caller_runs", Admission::caller_ran},
                               NamedPolicy{QueuePolicy::block_timeout, "block_timeout", Admission::rejected},
                               NamedPolicy{QueuePolicy::drop_oldest, "drop_oldest", Admission::accepted}};

PoolOptions narrow(const NamedPolicy& policy) {
  PoolOptions options = PoolOptions::fixed(1);
  options.capacity = kCapacity;
  options.policy = policy.policy;
  options.block_timeout = std::chrono::milliseconds(1);
  return options;
}

void check_accounts(CaseRun& run, pool::WorkerPool& pool, const NamedPolicy& policy, std::uint64_t submitted,
                    std::uint64_t ran, std::uint64_t expected) {
  run.expect("shutdown", "shutdown() of a pool with a narrow queue does not return");
  pool.shutdown();
  run.expect_nothing();
  run.step();
  const PoolStats stats = pool.stats();
  if (stats.submitted != submitted || stats.accounted() != submitted)
    run.fail("books", std::string("policy ") + policy.name + ": " + std::to_string(submitted) +
                          " tasks, counted as submitted " + std::to_string(stats.submitted) +
                          ", accounted for " + std::to_string(stats.accounted()));
  if (ran != expected)
    run.fail(kFull, std::string("policy ") + policy.name + ": " + std::to_string(ran) + " of " +
                        std::to_string(expected) + " tasks ran that were to run");
}

// One worker, held; the queue filled; one task more.
void one_too_many(CaseRun& run, Puppets& puppets, const AnyFaultPool& any, const NamedPolicy& policy) {
  const auto faulty = any.make(narrow(policy));
  pool::WorkerPool& pool = faulty->pool();
  TaskGate gate;
  std::array<std::atomic<std::uint64_t>, kCapacity + 1> ran{};
  pool.post([&gate] { gate.wait(); }, Priority::normal);
  run.expect("no accepted task is lost", "a worker does not take a task");
  gate.await(1);
  run.expect_nothing();
  for (std::uint64_t i = 0; i < kCapacity; ++i) {
    if (pool.post([&ran, i] { raise(ran[i]); }, Priority::normal) != Admission::accepted)
      run.fail(kFull, std::string("policy ") + policy.name + ": a queue with room did not take a task");
  }
  Admission admission{};
  puppets.tell(0, [&](Member& member) {
    member.begin("post");
    admission = pool.post([&ran] { raise(ran[kCapacity]); }, Priority::normal);
    member.end(static_cast<int>(admission));
  });
  if (policy.policy == QueuePolicy::block) {
    if (puppets.settles(0)) run.fail(kFull, "policy block: post() into a full queue returns");
    gate.open();
  }
  puppets.await(0, kFull,
                std::string("policy ") + policy.name + ": post() into a full queue does not return");
  if (admission != policy.expected)
    run.fail(kFull, std::string("policy ") + policy.name + " did something else with one task too many");
  gate.open();
  pool.shutdown();
  const bool drops = policy.policy == QueuePolicy::drop_oldest;
  std::uint64_t all = 0;
  for (const auto& one : ran) all += look(one);
  if (look(ran[kCapacity]) != (policy.expected == Admission::rejected ? 0U : 1U) ||
      look(ran[0]) != (drops ? 0U : 1U))
    run.fail(kFull, std::string("policy ") + policy.name + ": the wrong task was left out");
  check_accounts(run, pool, policy, kCapacity + 2, all,
                 kCapacity + (drops || policy.expected == Admission::rejected ? 0 : 1));
}

// A task posts more than there is room for, and nobody else could make room.
void own_queue(CaseRun& run, const AnyFaultPool& any, const NamedPolicy& policy) {
  const auto faulty = any.make(narrow(policy));
  pool::WorkerPool& pool = faulty->pool();
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> ran{0};
  TaskGate done;
  run.expect(kFull, std::string("policy ") + policy.name + ": a worker waits for room in its own queue");
  pool.post(
      [&] {
        for (std::uint64_t i = 0; i < kCapacity + 3; ++i) {
          if (pool.post([&ran] { raise(ran); }, Priority::normal) != Admission::rejected) raise(accepted);
        }
        done.wait();
      },
      Priority::normal);
  done.await(1);
  done.open();
  run.expect("shutdown", "shutdown() after a worker has filled its own queue does not return");
  pool.shutdown();
  run.expect_nothing();
  check_accounts(run, pool, policy, kCapacity + 4, look(ran) + pool.stats().dropped, look(accepted));
}

}  // namespace

void drill_full_queues(CaseRun& run, const AnyFaultPool& any) {
  Puppets puppets(run, 1);
  std::array<std::size_t, kPolicies.size()> cells{};
  for (std::size_t i = 0; i < kPolicies.size(); ++i)
    cells[i] = run.cell(std::string("drill: full queue, ") + kPolicies[i].name);
  run.rounds([&](const Round&) {
    for (std::size_t i = 0; i < kPolicies.size(); ++i) {
      one_too_many(run, puppets, any, kPolicies[i]);
      own_queue(run, any, kPolicies[i]);
      run.count(cells[i]);
    }
  });
}

}  // namespace crosstalk::harness::verify
