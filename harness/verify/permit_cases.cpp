// Semaphores: drills in which it is known who gets a permit, and a crowd that counts who is inside.
#include <pthread.h>
#include <sched.h>

#include <array>
#include <csignal>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::chrono::nanoseconds kPermitSoon = std::chrono::microseconds(300);
constexpr const char* kPermits = "permits";

void check_patience(CaseRun& run, bool got) {
  if (!got) run.fail(kPermits, "acquire() gave up long before its time");
}

void acquire_one(Member& member, PermitsOnTrial& permits) {
  member.begin("acquire");
  const bool got = permits.acquire(kWaitForEver);
  member.end(got ? 1 : 0);
  check_patience(member.run(), got);
}

// Acquisitions that ran out of time have taken nothing.
void permits_time_out(CaseRun& run, Puppets& puppets, const AnyPermits& any, std::uint64_t times) {
  const auto permits = any.make(2);
  const auto take_both = [&](const char* detail) {
    for (int i = 0; i < 2; ++i)
      puppets.order(
          0, [&](Member& member) { acquire_one(member, *permits); }, kPermits, detail);
  };
  take_both("a fresh semaphore does not give all of its permits");
  for (std::uint64_t i = 0; i < times; ++i) {
    puppets.order(0, [&](Member& member) {
      member.begin("acquire");
      const bool got = permits->acquire(kPermitSoon) || permits->try_acquire();
      member.end(got ? 1 : 0);
      if (got) run.fail(kPermits, "a permit was given that there is not");
    });
  }
  permits->release(2);
  take_both("after acquisitions that timed out not all permits can be had");
  permits->release(2);
}

// Three wait, two permits come, then one.
void as_many_are_woken(CaseRun& run, Puppets& puppets, const AnyPermits& any) {
  const auto permits = any.make(0);
  for (unsigned who = 0; who < 3; ++who) {
    puppets.tell(who, [&](Member& member) { acquire_one(member, *permits); });
    if (puppets.settles(who)) run.fail(kPermits, "acquire() returns although there is no permit");
  }
  permits->release(2);
  std::vector<unsigned> waiting{0, 1, 2};
  for (int i = 0; i < 2; ++i) {
    const unsigned woken =
        puppets.await_any(waiting, "wake-up", "two permits came and woke fewer than two waiters");
    std::erase(waiting, woken);
  }
  if (puppets.settles(waiting[0])) run.fail(kPermits, "two permits let three through");
  permits->release(1);
  puppets.await(waiting[0], "wake-up", "a permit came and woke nobody");
}

// A system call that a signal interrupts is no permit.
void signals_end_no_wait(CaseRun& run, Puppets& puppets, const AnyPermits& any) {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);  // without SA_RESTART
  const auto permits = any.make(0);
  std::atomic<pthread_t> waiter{};
  puppets.tell(0, [&](Member& member) {
    note(waiter, pthread_self());
    acquire_one(member, *permits);
  });
  bool ended = puppets.settles(0);
  for (unsigned i = 0; i < 20 && !ended; ++i) {
    pthread_kill(look(waiter), SIGUSR1);
    sched_yield();
    ended = puppets.settles(0);
  }
  if (ended) run.fail(kPermits, "a signal let a waiter through without a permit");
  permits->release(1);
  puppets.await(0, "wake-up", "a waiter that signals had interrupted is not woken");
}

void drill_permits(CaseRun& run, const AnyPermits& any) {
  const std::size_t late = run.cell("drill: acquisitions that time out");
  const std::size_t woken = run.cell("drill: three wait, two permits come");
  const std::size_t signals = run.cell("drill: signals during a wait");
  Puppets puppets(run, 3);
  run.rounds([&](const Round& round) {
    permits_time_out(run, puppets, any, 1 + round.number % 4);
    run.count(late);
    as_many_are_woken(run, puppets, any);
    run.count(woken);
    signals_end_no_wait(run, puppets, any);
    run.count(signals);
  });
}

struct PermitCells {
  std::array<std::size_t, 3> got;
  std::array<std::size_t, 2> not_got;  // of the forms behind the first, which never gives up
};

bool acquire_somehow(Member& member, PermitsOnTrial& permits, const PermitCells& cells) {
  static constexpr std::array<const char*, 3> kWords{"acquire", "try_acquire", "acquire_for"};
  const std::uint64_t how = member.random().below(3);
  member.begin(kWords[how]);
  const bool got = how == 1 ? permits.try_acquire()
                            : permits.acquire(how == 0 ? kWaitForEver : std::chrono::microseconds(20));
  member.end(got ? 1 : 0);
  if (how == 0) check_patience(member.run(), got);
  member.run().count(got ? cells.got[how] : cells.not_got[how - 1]);
  return got;
}

void crowd_of_permits(CaseRun& run, const AnyPermits& any) {
  const PermitCells cells{
      {run.cell("acquire = true"), run.cell("try_acquire = true"), run.cell("acquire_for = true")},
      {run.cell("try_acquire = false", true), run.cell("acquire_for = false", true)}};
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 4}, 20, 200, [&](const Round& round) {
    const auto most = static_cast<std::uint32_t>(1 + round.number % 2);
    const auto permits = any.make(most);
    std::atomic<std::uint32_t> inside{0};
    run.expect("wake-up", "a permit came back and a waiter sleeps on");
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        if (!acquire_somehow(member, *permits, cells)) continue;
        // relaxed (both): a number; with one permit too many it is seen too high.
        if (inside.fetch_add(1, std::memory_order_relaxed) >= most) {
          crew.fail(kPermits, "more than " + std::to_string(most) + " had a permit at once");
        }
        member.injector().inside();
        inside.fetch_sub(1, std::memory_order_relaxed);
        permits->release(1);
      }
    });
    run.expect_nothing();
    for (std::uint32_t i = 0; i < most; ++i) {
      if (!permits->try_acquire()) crew.fail(kPermits, "a permit is lost when all have been given back");
    }
    if (permits->try_acquire())
      crew.fail(kPermits, "there is a permit too many when all have been given back");
  });
}

}  // namespace

std::vector<VerifyCase> permit_cases(const AnyPermits& any) {
  return {{"drills", [any](CaseRun& run) { drill_permits(run, any); }, 0.5},
          {"stress", [any](CaseRun& run) { crowd_of_permits(run, any); }, 0.5}};
}

}  // namespace crosstalk::harness::verify
