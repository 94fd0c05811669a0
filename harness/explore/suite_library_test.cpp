#include "harness/explore/suite_library.h"

#include <atomic>
#include <mutex>

namespace crosstalk::harness::explore {

namespace {

std::mutex mutex_of_library;
std::atomic<int> counter_of_library{0};

}  // namespace

void add_in_library_unlocked() {
  counter_of_library.store(counter_of_library.load() + 1);
}

void add_in_library_locked() {
  const std::lock_guard locked(mutex_of_library);
  counter_of_library.store(counter_of_library.load() + 1);
}

int count_of_library() {
  return counter_of_library.load();
}

}  // namespace crosstalk::harness::explore
