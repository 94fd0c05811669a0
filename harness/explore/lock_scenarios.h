// The scenarios of a lock, whoever's it is: two and three threads enter, and what it guards is plain, so that a lock that lets two
// in, or forgets to release what was written, is a race.
#pragma once

#include <string>
#include <thread>

#include "harness/explore/scenario.h"
#include "pool/contract.h"

namespace crosstalk::harness::explore {

template <class Lock>
void enter_exclusively(Lock& lock, int& count) {
  lock.lock();
  ++count;
  lock.unlock();
}

template <class Lock>
void two_enter_twice() {
  Lock lock;
  int count = 0;
  {
    const auto twice = [&] {
      enter_exclusively(lock, count);
      enter_exclusively(lock, count);
    };
    std::jthread first(twice);
    std::jthread second(twice);
  }
  require(count == 4, "an entry is lost");
}

template <class Lock>
void three_enter() {
  Lock lock;
  int count = 0;
  {
    const auto once = [&] { enter_exclusively(lock, count); };
    std::jthread first(once);
    std::jthread second(once);
    std::jthread third(once);
  }
  require(count == 3, "an entry is lost");
}

template <class Lock>
void one_tries() {
  Lock lock;
  int count = 0;
  {
    std::jthread first([&] { enter_exclusively(lock, count); });
    std::jthread second([&] {
      if (!lock.try_lock()) return;
      ++count;
      lock.unlock();
    });
  }
  require(count == 1 || count == 2, "an entry is lost");
}

template <class Lock>
void two_read_one_writes() {
  Lock lock;
  int left = 0;
  int right = 0;
  const auto read = [&] {
    lock.lock_shared();
    require(left == right, "half written");
    lock.unlock_shared();
  };
  std::jthread first(read);
  std::jthread second(read);
  std::jthread third([&] {
    lock.lock();
    ++left;
    ++right;
    lock.unlock();
  });
}

// Registers those that its contract allows, as "lock/NAME/...". `three`: how far those of three threads can be taken.
template <class Lock>
void add_lock_scenarios(std::string_view name, Schedules three) {
  if constexpr (pool::kContractOf<Lock>.exclusive) {
    const std::string prefix = "lock/" + std::string(name) + "/";
    scenarios().push_back({prefix + "two_enter_twice", two_enter_twice<Lock>, three});
    scenarios().push_back({prefix + "three_enter", three_enter<Lock>, three});
    if constexpr (requires(Lock & lock) { lock.try_lock(); })
      scenarios().push_back({prefix + "one_tries", one_tries<Lock>});
    if constexpr (pool::kContractOf<Lock>.shared)
      scenarios().push_back({prefix + "two_read_one_writes", two_read_one_writes<Lock>, three});
  }
}

}  // namespace crosstalk::harness::explore
