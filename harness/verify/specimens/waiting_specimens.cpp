// Who waits for what is no lock: a slot of a pool, a result, space in a queue, a second connection, an hour of the wall clock. Each with
// the bug and without.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/crew.h"
#include "harness/verify/lock_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/task_state.h"

namespace crosstalk::harness::verify {

namespace {

// A pool that says on the page what its tasks wait for and hold.
class ToldPool {
 public:
  using Job = std::function<void(TaskState&)>;

  ToldPool(Page& page, std::uint32_t slots, unsigned threads) : page_(page), slots_(slots) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~ToldPool() {
    {
      const std::lock_guard guard(mutex_);
      ended_ = true;
    }
    posted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ToldPool(const ToldPool&) = delete;
  ToldPool& operator=(const ToldPool&) = delete;

  // `owes`: the promise that the job keeps; kNoObject: none.
  void post(Job job, std::uint32_t owes = kNoObject) {
    auto state = std::make_unique<TaskState>(page_);
    if (owes != kNoObject) state->holds(owes);
    state->asks("run", slots_);
    const std::lock_guard guard(mutex_);
    jobs_.emplace_back(std::move(job), std::move(state));
    posted_.notify_one();
  }

 private:
  void work() {
    std::unique_lock guard(mutex_);
    for (;;) {
      posted_.wait(guard, [this] { return ended_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const auto [job, state] = std::move(jobs_.front());
      jobs_.pop_front();
      guard.unlock();
      state->goes_on();
      state->holds(slots_);
      job(*state);
      guard.lock();
    }
  }

  Page& page_;
  const std::uint32_t slots_;
  std::mutex mutex_;  // guards the two members below
  std::deque<std::pair<Job, std::unique_ptr<TaskState>>> jobs_;
  bool ended_ = false;
  std::condition_variable posted_;
  std::vector<std::thread> threads_;
};

// Something that comes true once.
class Fact {
 public:
  void come_true() {
    // release: pairs with the acquire in await().
    true_.store(true, std::memory_order_release);
    true_.notify_all();
  }
  void await() { true_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> true_{false};
};

// W01: both threads of a pool run tasks that wait for a further task of that pool. Right: a third thread.
void wait_for_own_pool(CaseRun& run, bool broken) {
  const unsigned threads = broken ? 2 : 3;
  const std::uint32_t slots = run.resource("slots of the pool", ResourceKind::units, threads);
  const std::uint32_t results[2] = {run.resource("result 0", ResourceKind::promise),
                                    run.resource("result 1", ResourceKind::promise)};
  const std::size_t cell = run.cell("nested tasks");
  run.expect("no deadlock", "tasks that wait for tasks of their pool");
  run.rounds([&](const Round&) {
    Fact inner[2];
    std::atomic<unsigned> started{0};
    ToldPool pool(run.page(), slots, threads);
    for (unsigned i = 0; i < 2; ++i) {
      pool.post([&, i](TaskState& outer) {
        raise(started);
        while (look(started) < 2) std::this_thread::yield();
        pool.post([&inner, i](TaskState&) { inner[i].come_true(); }, results[i]);
        outer.asks("get", results[i]);
        inner[i].await();
        outer.goes_on();
      });
    }
    inner[0].await();
    inner[1].await();
    run.count(cell, 2);
  });
}

// W02: who drains a queue of two places publishes two events for each, and waits for space. Right: the queue grows.
void publish_into_own_queue(CaseRun& run, bool broken) {
  constexpr std::size_t kPlaces = 2;
  const std::uint32_t space = run.resource("space in the queue", ResourceKind::promise);
  const std::size_t cell = run.cell("events");
  Crew crew(run, 1);
  run.expect("no deadlock", "a callback that publishes");
  run.rounds([&](const Round&) {
    std::deque<unsigned> queue{1};  // generation of an event; guarded by its only user
    crew.start(1, [&](Member& member) {
      member.holds(space);  // nobody else takes anything out
      while (!queue.empty()) {
        const unsigned generation = queue.front();
        queue.pop_front();
        for (unsigned i = 0; i < 2 && generation < 4; ++i) {
          if (broken && queue.size() == kPlaces) {
            member.begin("publish", generation, 0, space);
            Fact().await();
          }
          queue.push_back(generation + 1);
        }
        run.count(cell);
      }
      member.drops(space);
    });
    crew.finish();
  });
}

// Connections, all alike; `at_once`: who needs two takes both in one step.
class ToldConnections {
 public:
  explicit ToldConnections(unsigned most) : free_(most) {}
  void acquire(unsigned count) {
    std::unique_lock guard(mutex_);
    returned_.wait(guard, [&] { return free_ >= count; });
    free_ -= count;
  }
  void give_back(unsigned count) {
    {
      const std::lock_guard guard(mutex_);
      free_ += count;
    }
    returned_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards the number
  unsigned free_;
  std::condition_variable returned_;
};

// W03: two threads take a second connection while they hold the first, of two. Right: both in one step.
void acquire_second_connection(CaseRun& run, bool broken) {
  const std::uint32_t connections = run.resource("connections", ResourceKind::units, 2);
  const std::size_t cell = run.cell("pairs of connections");
  Crew crew(run, 2);
  run.expect("no deadlock", "threads that need two connections each");
  run.rounds([&](const Round& one) {
    Round round = one;
    round.threads = 2;
    ToldConnections pool(2);
    crew.round(round, [&](Member& member) {
      for (unsigned i = 0; i < 20; ++i) {
        const unsigned step = broken ? 1 : 2;
        for (unsigned taken = 0; taken < 2; taken += step) {
          member.begin("acquire", step, 0, connections);
          pool.acquire(step);
          member.end();
          for (unsigned k = 0; k < step; ++k) member.holds(connections);
          member.injector().inside();
          if (broken) std::this_thread::yield();
        }
        member.drops(connections);
        member.drops(connections);
        pool.give_back(2);
        run.count(cell);
      }
    });
  });
}

// W04: its deadlines are those of the wall clock. Right: of the steady one.
template <class Clock>
class W04Lock {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    released_.wait(guard, [this] { return !held_; });
    held_ = true;
  }
  bool try_lock() {
    const std::lock_guard guard(mutex_);
    return !std::exchange(held_, true);
  }
  bool try_lock_for(std::chrono::nanoseconds time) {
    const auto until = Clock::now() + time;
    std::unique_lock guard(mutex_);
    if (!released_.wait_until(guard, until, [this] { return !held_; })) return false;
    return held_ = true;
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      held_ = false;
    }
    released_.notify_one();
  }

 private:
  std::mutex mutex_;  // guards held_
  bool held_ = false;
  std::condition_variable released_;
};

template <class L>
Specimen wall_clock_specimen(SpecimenKind kind, const char* bug, const std::vector<std::string>& properties) {
  return {.name = "W04",
          .kind = kind,
          .bug = bug,
          .cases = lock_cases(any_lock<L>()),
          .properties = properties,
          .of_the_chapter = false,
          .layer = "wall clock"};
}

void add_waiting_pair(std::vector<Specimen>& all, const char* name, const char* bug,
                      void (*play)(CaseRun&, bool)) {
  const auto cases = [play](bool broken) {
    return std::vector<VerifyCase>{{"waits", [play, broken](CaseRun& run) { play(run, broken); }}};
  };
  add_pair(all,
           {.name = name,
            .bug = bug,
            .cases = cases(true),
            .properties = {"no deadlock"},
            .of_the_chapter = false,
            .layer = "waits-for"},
           cases(false));
}

}  // namespace

void add_waiting_specimens(std::vector<Specimen>& all) {
  add_waiting_pair(all, "W01", "tasks wait for tasks of their own pool, whose threads they occupy",
                   wait_for_own_pool);
  add_waiting_pair(all, "W02", "a callback waits for space in the queue that it drains itself",
                   publish_into_own_queue);
  add_waiting_pair(all, "W03", "a second connection is awaited by all who hold the first",
                   acquire_second_connection);
  all.push_back(wall_clock_specimen<W04Lock<std::chrono::system_clock>>(
      SpecimenKind::mutant, "deadlines of the wall clock, which jumps", {"progress"}));
  all.push_back(
      wall_clock_specimen<W04Lock<std::chrono::steady_clock>>(SpecimenKind::twin, "without the bug", {}));
}

}  // namespace crosstalk::harness::verify
