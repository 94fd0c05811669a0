#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

struct RefusedCall {
  const char* name;
  void (*scenario)();
};

char* refused_arguments[] = {nullptr};
jmp_buf outside_of_executions;
sigset_t no_signals;
int no_signal;
epoll_event no_event;
thrd_t c11_thread;
mtx_t c11_mutex;
cnd_t c11_condition;
once_flag c11_once = ONCE_FLAG_INIT;
const timespec c11_end{1, 0};

const RefusedCall kRefusedCalls[] = {
    {"exit", [] { std::exit(0); }},
    {"_exit", [] { ::_exit(0); }},
    {"_Exit", [] { std::_Exit(0); }},
    {"quick_exit", [] { std::quick_exit(0); }},
    {"pthread_exit", [] { pthread_exit(nullptr); }},
    {"pthread_cancel", [] { pthread_cancel(pthread_self()); }},
    {"thrd_create",
     [] {
       thrd_create(
           &c11_thread, [](void*) { return 0; }, nullptr);
     }},
    {"thrd_join", [] { thrd_join(c11_thread, nullptr); }},
    {"mtx_lock", [] { mtx_lock(&c11_mutex); }},
    {"mtx_trylock", [] { mtx_trylock(&c11_mutex); }},
    {"mtx_timedlock", [] { mtx_timedlock(&c11_mutex, &c11_end); }},
    {"cnd_wait", [] { cnd_wait(&c11_condition, &c11_mutex); }},
    {"cnd_timedwait", [] { cnd_timedwait(&c11_condition, &c11_mutex, &c11_end); }},
    {"call_once", [] { call_once(&c11_once, [] {}); }},
    {"fork", [] { static_cast<void>(fork()); }},
    {"vfork", [] { static_cast<void>(vfork()); }},
    {"system", [] { static_cast<void>(std::system("true")); }},
    {"popen", [] { static_cast<void>(popen("true", "r")); }},
    {"posix_spawn", [] { posix_spawn(nullptr, "", nullptr, nullptr, refused_arguments, refused_arguments); }},
    {"posix_spawnp",
     [] { posix_spawnp(nullptr, "", nullptr, nullptr, refused_arguments, refused_arguments); }},
    {"execve", [] { execve("/bin/true", refused_arguments, refused_arguments); }},
    {"execv", [] { execv("/bin/true", refused_arguments); }},
    {"execvp", [] { execvp("true", refused_arguments); }},
    {"wait", [] { wait(nullptr); }},
    {"waitpid", [] { waitpid(-1, nullptr, 0); }},
    {"raise", [] { raise(SIGUSR1); }},
    {"kill", [] { kill(getpid(), SIGUSR1); }},
    {"pthread_kill", [] { pthread_kill(pthread_self(), SIGUSR1); }},
    {"alarm", [] { alarm(1); }},
    {"setitimer", [] { setitimer(ITIMER_REAL, nullptr, nullptr); }},
    {"timer_create", [] { timer_create(CLOCK_MONOTONIC, nullptr, nullptr); }},
    {"pause", [] { pause(); }},
    {"sigwait", [] { sigwait(&no_signals, &no_signal); }},
    {"sigsuspend", [] { sigsuspend(&no_signals); }},
    {"poll", [] { poll(nullptr, 0, 0); }},
    {"ppoll", [] { ppoll(nullptr, 0, nullptr, nullptr); }},
    {"select", [] { select(0, nullptr, nullptr, nullptr, nullptr); }},
    {"pselect", [] { pselect(0, nullptr, nullptr, nullptr, nullptr, nullptr); }},
    {"epoll_wait", [] { epoll_wait(0, &no_event, 1, 0); }},
    {"epoll_pwait", [] { epoll_pwait(0, &no_event, 1, 0, nullptr); }},
};

// A thread of the scenario, not its own.
void in_a_thread(void (*scenario)()) {
  std::thread(scenario).join();
}

}  // namespace

TEST_CASE("calls that cannot be explored are refused by name and place", "[explore]") {
  for (const RefusedCall& each : kRefusedCalls) {
    const Result result = explore({}, [&each] { in_a_thread(each.scenario); });
    INFO(each.name << ": " << describe(result));
    CHECK(result.finding == Finding::unsupported);
    CHECK(result.confirmed);
    const std::string reason = std::string("T1 calls ") + each.name + " at refused_calls_test.cpp:";
    CHECK(result.reason.find(reason) == 0);
    CHECK(result.reason.find("which cannot be explored") != std::string::npos);
  }
}

TEST_CASE("a system call that ends the process is no silent pass", "[explore]") {
  // Past everything that is interposed, in a process of its own or in one for all.
  for (const bool process_each : {false, true}) {
    Options options;
    options.process_each = process_each;
    const Result result = explore(options, [] {
      std::jthread([] {
        asm volatile("syscall" : : "a"(231L), "D"(0L) : "rcx", "r11", "memory");  // exit_group(0)
      });
    });
    INFO(describe(result));
    CHECK(result.finding == Finding::unsupported);
    CHECK(result.reason.find("T1 ended the process, which cannot be explored") == 0);
  }
}

TEST_CASE("a jump out of the scenario is refused, one within a thread is none", "[explore]") {
  volatile bool back = false;
  if (setjmp(outside_of_executions) != 0) back = true;
  REQUIRE_FALSE(back);
  const Result out = explore({}, [] { longjmp(outside_of_executions, 1); });
  INFO(describe(out));
  CHECK(out.finding == Finding::unsupported);
  CHECK(out.reason.find("T0 calls longjmp at refused_calls_test.cpp:") == 0);
  const Result within = explore({}, [] {
    std::jthread([] {
      jmp_buf here;
      volatile int rounds = 0;
      if (setjmp(here) == 0) longjmp(here, 1);
      rounds = rounds + 1;
      require(rounds == 1, "came by twice");
    });
  });
  INFO(describe(within));
  CHECK(within.passed());
}

TEST_CASE("std::terminate is a finding whatever leads to it", "[explore]") {
  const Result called = explore({}, [] { std::terminate(); });
  CHECK(called.finding == Finding::assertion);
  CHECK(called.reason.find("T0: std::terminate()") == 0);
  const Result thrown = explore({}, [] { std::jthread([] { throw std::runtime_error("too much"); }); });
  INFO(describe(thrown));
  CHECK(thrown.finding == Finding::assertion);
  CHECK(thrown.reason == "T1: std::terminate(): nobody catches std::runtime_error: too much");
  const Result left = explore({}, [] { std::thread left_alone([] {}); });
  CHECK(left.finding == Finding::assertion);
  const Result own_handler = explore({}, [] {
    std::set_terminate([] { std::abort(); });
    throw 1;
  });
  INFO(describe(own_handler));
  CHECK(own_handler.finding == Finding::assertion);
  CHECK(own_handler.reason.find("T0 calls abort()") == 0);
}

}  // namespace crosstalk::harness::explore
