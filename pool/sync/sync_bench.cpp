// What threads wait on: the cost without waiters, and there and back between two threads, beside the standard's.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include "pool/sync/condition.h"
#include "pool/sync/event_count.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {
namespace {

void event_count_notify_nobody(benchmark::State& state) {
  EventCount events;
  for (auto _ : state) events.notify_one();
}
BENCHMARK(event_count_notify_nobody);

template <class S>
void semaphore_uncontended(benchmark::State& state) {
  S semaphore(1);
  for (auto _ : state) {
    semaphore.acquire();
    semaphore.release();
  }
}
BENCHMARK(semaphore_uncontended<Semaphore>)->Name("semaphore_uncontended/crosstalk");
BENCHMARK(semaphore_uncontended<std::counting_semaphore<>>)->Name("semaphore_uncontended/std");

template <class S>
void semaphore_ping_pong(benchmark::State& state) {
  S ping(0);
  S pong(0);
  bool stop = false;  // handed over by the semaphores
  std::thread other([&] {
    for (;;) {
      ping.acquire();
      if (stop) return;
      pong.release();
    }
  });
  for (auto _ : state) {
    ping.release();
    pong.acquire();
  }
  stop = true;
  ping.release();
  other.join();
}
BENCHMARK(semaphore_ping_pong<Semaphore>)->Name("semaphore_ping_pong/crosstalk")->UseRealTime();
BENCHMARK(semaphore_ping_pong<std::counting_semaphore<>>)->Name("semaphore_ping_pong/std")->UseRealTime();

// 16 threads and two permits: with more waiters than processors, looking before sleeping must not cost more than it saves.
template <class S>
void semaphore_crowd(benchmark::State& state) {
  static S* shared = nullptr;
  if (state.thread_index() == 0) shared = new S(2);
  for (auto _ : state) {
    shared->acquire();
    for (int i = 0; i < 50; ++i) benchmark::DoNotOptimize(i);
    shared->release();
  }
  if (state.thread_index() == 0) delete shared;
}
BENCHMARK(semaphore_crowd<Semaphore>)->Name("semaphore_crowd/crosstalk")->Threads(16)->UseRealTime();
BENCHMARK(semaphore_crowd<std::counting_semaphore<>>)
    ->Name("semaphore_crowd/std")
    ->Threads(16)
    ->UseRealTime();

// One form for both: the standard's condition variable wants the holder, ours any lock.
struct StdCondition {
  std::condition_variable condition;
  void notify_one() { condition.notify_one(); }
  template <class Done>
  void wait(std::unique_lock<std::mutex>& lock, Done&& done) {
    condition.wait(lock, std::forward<Done>(done));
  }
};

template <class C>
void condition_ping_pong(benchmark::State& state) {
  std::mutex mutex;
  C changed_here;
  C changed_there;
  int turn = 0;  // 0 here, 1 there, 2 over
  std::thread other([&] {
    std::unique_lock lock(mutex);
    for (;;) {
      changed_there.wait(lock, [&] { return turn != 0; });
      if (turn == 2) return;
      turn = 0;
      changed_here.notify_one();
    }
  });
  std::unique_lock lock(mutex);
  for (auto _ : state) {
    turn = 1;
    changed_there.notify_one();
    changed_here.wait(lock, [&] { return turn == 0; });
  }
  turn = 2;
  changed_there.notify_one();
  lock.unlock();
  other.join();
}
BENCHMARK(condition_ping_pong<Condition>)->Name("condition_ping_pong/crosstalk")->UseRealTime();
BENCHMARK(condition_ping_pong<StdCondition>)->Name("condition_ping_pong/std")->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
