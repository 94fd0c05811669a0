#include "pool/interposed_calls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace crosstalk::pool {
namespace {

// relaxed, all of them: plain values, each by itself.
std::atomic<long> fault_clock_offset_s{0};
std::atomic<int> fault_threads_good{INT_MAX};
std::atomic<int> fault_threads_bad{0};
std::atomic<int> fault_threads_failed{0};
std::atomic<unsigned long> fault_signals{0};

void count_signal(int /*number*/) {
  fault_signals.fetch_add(1, std::memory_order_relaxed);  // relaxed: see above
}

// True if this one is to fail.
bool thread_fails() {
  // relaxed, all: see above.
  if (fault_threads_bad.load(std::memory_order_relaxed) == 0) return false;
  if (fault_threads_good.fetch_sub(1, std::memory_order_relaxed) > 0) return false;
  if (fault_threads_bad.fetch_sub(1, std::memory_order_relaxed) <= 0) return false;
  fault_threads_failed.fetch_add(1, std::memory_order_relaxed);
  return true;
}

template <class F>
F* system_function(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

WallClockJumps::WallClockJumps()
    : thread_([this] {
        constexpr long kHour = 3600;
        // relaxed: see above; and a flag alone.
        while (!end_.load(std::memory_order_relaxed)) {
          for (const long offset : {kHour, 0L, -kHour, 0L}) {
            fault_clock_offset_s.store(offset, std::memory_order_relaxed);
            std::this_thread::yield();
          }
        }
      }) {}

WallClockJumps::~WallClockJumps() {
  end_.store(true, std::memory_order_relaxed);  // relaxed: as above
  thread_.join();
}

ThreadFailures::ThreadFailures(int good, int bad) {
  // relaxed: set by the thread that makes the others.
  fault_threads_failed.store(0, std::memory_order_relaxed);
  fault_threads_good.store(good, std::memory_order_relaxed);
  fault_threads_bad.store(bad, std::memory_order_relaxed);
}

ThreadFailures::~ThreadFailures() {
  fault_threads_bad.store(0, std::memory_order_relaxed);  // relaxed: as above
  fault_threads_good.store(INT_MAX, std::memory_order_relaxed);
}

int ThreadFailures::failed() const noexcept {
  return fault_threads_failed.load(std::memory_order_relaxed);  // relaxed: as above
}

SignalStorm::SignalStorm() {
  struct sigaction action {};
  action.sa_handler = &count_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR2, &action, nullptr);
  thread_ = std::thread([this] {
    const pid_t self = static_cast<pid_t>(::syscall(SYS_gettid));
    while (!end_.load(std::memory_order_relaxed)) {  // relaxed: a flag alone
      for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        const auto thread = static_cast<pid_t>(std::atoi(task.path().filename().c_str()));
        if (thread != self) ::syscall(SYS_tgkill, ::getpid(), thread, SIGUSR2);  // it may have ended
      }
      std::this_thread::yield();
    }
  });
}

// The handler stays: signals may still be on their way.
SignalStorm::~SignalStorm() {
  end_.store(true, std::memory_order_relaxed);  // relaxed: as above
  thread_.join();
}

unsigned long SignalStorm::handled() noexcept {
  return fault_signals.load(std::memory_order_relaxed);  // relaxed: see above
}

namespace {

// Without these the tests that use them would test nothing.
TEST_CASE("the wall clock jumps, threads fail and signals arrive when told to", "[pool][faults]") {
  {
    const WallClockJumps jumps;
    bool jumped = false;
    for (int i = 0; i < 1'000'000 && !jumped; ++i) {
      const auto before = std::chrono::system_clock::now();
      ::sched_yield();
      jumped = std::chrono::system_clock::now() - before > std::chrono::minutes(30);
    }
    CHECK(jumped);
  }
  {
    const ThreadFailures failures(0, 1);
    CHECK_THROWS_AS(std::thread([] {}), std::system_error);
    CHECK(failures.failed() == 1);
    std::thread([] {}).join();
  }
  const unsigned long before = SignalStorm::handled();
  const SignalStorm storm;
  while (SignalStorm::handled() == before) ::sched_yield();
}

}  // namespace
}  // namespace crosstalk::pool

// Found before the system's own by this program and all libraries it has loaded.
extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  using Function = int(clockid_t, timespec*);
  static Function* const real = crosstalk::pool::system_function<Function>("clock_gettime");
  const int result = real(clock, time);
  // relaxed: see above.
  if (result == 0 && clock == CLOCK_REALTIME)
    time->tv_sec += crosstalk::pool::fault_clock_offset_s.load(std::memory_order_relaxed);
  return result;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) noexcept {
  using Function = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static Function* const real = crosstalk::pool::system_function<Function>("pthread_create");
  if (crosstalk::pool::thread_fails()) return EAGAIN;
  return real(thread, attributes, run, argument);
}
}
