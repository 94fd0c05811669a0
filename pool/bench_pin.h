// For benchmarks: a thread pinned to the CPU of its number while this exists. Where a contending thread runs decides more of
// the result than the lock does.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

namespace crosstalk::pool {

class BenchPin {
 public:
  explicit BenchPin(int thread) noexcept {
    pthread_getaffinity_np(pthread_self(), sizeof(before_), &before_);
    int wanted = thread % (CPU_COUNT(&before_) > 0 ? CPU_COUNT(&before_) : 1);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &before_) || wanted-- != 0) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
      return;
    }
  }
  BenchPin(const BenchPin&) = delete;
  BenchPin& operator=(const BenchPin&) = delete;
  ~BenchPin() { pthread_setaffinity_np(pthread_self(), sizeof(before_), &before_); }

 private:
  cpu_set_t before_{};
};

}  // namespace crosstalk::pool
