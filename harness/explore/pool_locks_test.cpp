// Every built-in lock, explored. Judged by pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include "harness/explore/lock_scenarios.h"
#include "pool/builtin.h"

namespace crosstalk::harness::explore {

namespace {

struct AddBuiltinLock {
  template <class Lock>
  void operator()(std::string_view name) const {
    // The counters of this one are many: a writer looks at each of them.
    add_lock_scenarios<Lock>(name, name == "distributed_rw" ? Schedules::sample : Schedules::all);
  }
};

const bool builtin_locks_added = (pool::for_each_builtin_lock(AddBuiltinLock{}), true);

}  // namespace

}  // namespace crosstalk::harness::explore
