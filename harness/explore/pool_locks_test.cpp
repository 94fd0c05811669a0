// Every built-in lock, explored: two and three threads enter, and what it guards is plain, so that a lock that lets two in, or
// forgets to release what was written, is a race.
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "pool/builtin.h"

namespace crosstalk::harness::explore {

namespace {

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

void check_silent(const std::string& what, void (*scenario)()) {
  Options options;
  options.depth_first_runs = 60'000;
  options.priority_runs = 500;
  options.random_runs = 200;
  const Result result = explore(options, scenario);
  INFO(what << ": " << describe(result));
  CHECK(result.passed());
  // The counters of this one are many: what its third thread makes possible is too much for a test.
  const bool is_large = what.rfind("distributed_rw, t", 0) == 0;
  CHECK((is_large || result.phases[2].exhausted));
}

struct CheckLock {
  template <class Lock>
  void operator()(std::string_view name) const {
    if constexpr (pool::kContractOf<Lock>.exclusive) {
      const std::string text(name);
      check_silent(text + ", two enter twice", two_enter_twice<Lock>);
      check_silent(text + ", three enter", three_enter<Lock>);
      if constexpr (requires(Lock & lock) { lock.try_lock(); })
        check_silent(text + ", one tries", one_tries<Lock>);
      if constexpr (pool::kContractOf<Lock>.shared) {
        check_silent(text + ", two read and one writes", two_read_one_writes<Lock>);
      }
    }
  }
};

}  // namespace

TEST_CASE("every built-in lock keeps its contract under every interleaving explored", "[explore][pool]") {
  pool::for_each_builtin_lock(CheckLock{});
}

}  // namespace crosstalk::harness::explore
