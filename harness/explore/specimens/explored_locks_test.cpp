// Locks with a bug, and without it. What they guard is plain, so that two who are inside at once are a race.
#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "harness/explore/lock_scenarios.h"
#include "harness/explore/specimens/specimen.h"
#include "harness/verify/specimens/fairness_mutants.h"
#include "harness/verify/specimens/lock_decoys.h"
#include "harness/verify/specimens/lock_mutants.h"

namespace crosstalk::harness::explore {

namespace {

// Readers may be inside together, so one may wait there for the other.
template <class Lock>
void readers_meet_after_a_write() {
  Lock lock;
  std::atomic<int> inside{0};
  lock.lock();
  const auto meet = [&] {
    lock.lock_shared();
    // seq_cst (all): nothing hangs on it; the number alone is looked at.
    if (inside.fetch_add(1, std::memory_order_seq_cst) == 0) {
      inside.wait(1, std::memory_order_seq_cst);
    } else {
      inside.notify_all();
    }
    lock.unlock_shared();
  };
  std::jthread first(meet);
  std::jthread second(meet);
  lock.unlock();
}

template <class Lock>
void write_after_a_time_out() {
  Lock lock;
  lock.lock();
  std::jthread([&] {
    if (lock.try_lock_shared_for(std::chrono::milliseconds(1))) lock.unlock_shared();
  }).join();
  lock.unlock();
  lock.lock();
  lock.unlock();
}

// Who fails to enter leaves.
template <class Lock>
void one_may_fail() {
  Lock lock;
  int count = 0;
  int entered = 0;
  {
    std::jthread first([&] { enter_exclusively(lock, count); });
    std::jthread second([&] {
      for (int i = 0; i < 2; ++i) {
        if (!lock.try_lock()) continue;
        ++count;
        lock.unlock();
        ++entered;
      }
    });
  }
  require(count == 1 + entered, "an entry is lost");
}

}  // namespace

void add_explored_locks(std::vector<ExploredSpecimen>& all) {
  using namespace verify;  // NOLINT(google-build-using-namespace): the mutants
  const Finding race = Finding::race;
  const Finding lost = Finding::lost_wake_up;
  all.push_back({"M00", "exclusion", race, "control: excludes nobody", two_enter_twice<BustedLock>,
                 two_enter_twice<std::mutex>});
  all.push_back({"M01", "exclusion", race, "a write lock that excludes nobody",
                 two_enter_twice<M01Lock<true>>, two_enter_twice<M01Lock<false>>});
  all.push_back({"M02", "exclusion of readers", race, "readers are let in during a write",
                 two_read_one_writes<M02Lock<true>>, two_read_one_writes<M02Lock<false>>});
  all.push_back({"M03", "exclusion", race, "unlock stores relaxed", two_enter_twice<M03Lock<true>>,
                 two_enter_twice<M03Lock<false>>});
  all.push_back({"M04", "wake-up", lost, "who is woken forgets those who sleep", three_enter<M04Lock<true>>,
                 three_enter<M04Lock<false>>});
  all.push_back({"M05", "wake-up", lost, "notify_one where notify_all is needed",
                 readers_meet_after_a_write<M05Lock<true>>, readers_meet_after_a_write<M05Lock<false>>});
  all.push_back({"M06", "exclusion", race, "if instead of while around wait", three_enter<M06Lock<true>>,
                 three_enter<M06Lock<false>>});
  all.push_back({"M07", "progress", Finding::deadlock, "a time-out takes back a count it never added",
                 write_after_a_time_out<M07Lock<true>>, write_after_a_time_out<M07Lock<false>>});
  all.push_back(explored_decoy("D01", "std::mutex", three_enter<std::mutex>));
  all.push_back(explored_decoy("D02", "std::shared_mutex, which prefers readers",
                               two_read_one_writes<std::shared_mutex>));
  all.push_back(explored_decoy("D03", "prefers readers, and says so",
                               two_read_one_writes<M09Lock<pool::Fairness::none>>));
  all.push_back(explored_decoy("D04", "try_lock fails for no reason", one_may_fail<SpuriousLock>));
  all.push_back(explored_decoy("D05", "sleeps 5 ms at times", three_enter<SleepyLock>));
}

}  // namespace crosstalk::harness::explore
