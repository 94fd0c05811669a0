#include "harness/explore/conflicts.h"

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::size_t kOutcomes = 1 << 18;
constexpr int kMostThreads = 3;
constexpr int kMostSteps = 3;
constexpr int kKindsOfStep = 16;

// A small program drawn at random, and all that can come of it: one mark for each outcome, in memory that the exploring child shares.
struct DrawnProgram {
  int threads, steps;
  int kinds[kMostThreads][kMostSteps];
  bool
      scenario_takes_part;  // its own thread takes the last one's steps, and may come between a lock and its unlock while others start
};

DrawnProgram drawn;
unsigned char* outcomes = nullptr;

DrawnProgram draw_program(unsigned seed) {
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  const auto next = [&state](int below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state >> 33) % static_cast<unsigned>(below));
  };
  DrawnProgram program{};
  program.threads = 2 + next(2);
  program.steps = program.threads == 2 ? kMostSteps : 2;
  for (auto& thread : program.kinds) {
    for (int& kind : thread) kind = next(kKindsOfStep);
  }
  program.scenario_takes_part = next(2) == 1;
  return program;
}

// The kinds of its steps, thread by thread.
std::string text_of(const DrawnProgram& program) {
  std::string text;
  for (int i = 0; i < program.threads; ++i) {
    text += "| ";
    for (int k = 0; k < program.steps; ++k) text += std::to_string(program.kinds[i][k]) + ' ';
  }
  return text;
}

struct SharedState {
  std::atomic<int> a{0};
  std::atomic<int> b{0};
  std::mutex mutex;
  std::shared_mutex shared_mutex;
  std::timed_mutex timed_mutex;
  std::condition_variable changed;
  std::counting_semaphore<8> semaphore{0};
  int guarded = 0;
};

// What the thread learns by the step.
int take_step(SharedState& s, int kind, int me) {
  switch (kind) {
    case 0:
      return s.a.fetch_add(me);
    case 1:
      return s.a.load();
    case 2:
      return s.b.store(me), 0;
    case 3:
      return s.b.load();
    case 4: {
      const std::lock_guard locked(s.mutex);
      return s.guarded = s.guarded * 2 + me;
    }
    case 5: {
      const std::unique_lock locked(s.mutex, std::try_to_lock);
      return locked ? s.guarded += me : -1;
    }
    case 6: {
      std::unique_lock locked(s.mutex);
      return static_cast<int>(s.changed.wait_for(locked, std::chrono::hours(1)));
    }
    case 7:
      return s.changed.notify_one(), 0;
    case 8:
      return s.semaphore.release(), 0;
    case 9:
      return s.semaphore.try_acquire() ? 1 : 0;
    case 10: {
      const std::shared_lock locked(s.shared_mutex, std::try_to_lock);
      return locked ? s.a.load() : -1;
    }
    case 11:
      return static_cast<int>(std::chrono::steady_clock::now().time_since_epoch().count() / 1000 % 1000);
    case 12: {
      const std::unique_lock locked(s.timed_mutex, std::chrono::hours(1));
      return locked ? s.b.exchange(me) : -1;
    }
    case 13: {
      const timespec hours{3600 * me, 0};
      return clock_nanosleep(CLOCK_MONOTONIC, 0, &hours, nullptr);
    }
    case 14: {
      const std::shared_lock locked(s.shared_mutex);
      return s.b.load();
    }
    default: {
      const std::unique_lock locked(s.shared_mutex, std::try_to_lock);
      return locked ? s.a.exchange(me) : -1;
    }
  }
}

void run_drawn_program() {
  SharedState s;
  unsigned learnt[kMostThreads] = {};
  {
    const auto take_steps = [&s, &learnt](int i) {
      for (int k = 0; k < drawn.steps; ++k)
        learnt[i] = learnt[i] * 31 + static_cast<unsigned>(take_step(s, drawn.kinds[i][k], i + 1) + 2);
    };
    std::jthread threads[kMostThreads];
    const int started = drawn.threads - (drawn.scenario_takes_part ? 1 : 0);
    for (int i = 0; i < started; ++i) threads[i] = std::jthread(take_steps, i);
    if (drawn.scenario_takes_part) take_steps(started);
  }
  unsigned outcome = static_cast<unsigned>(s.guarded * 7 + s.a.load() * 3 + s.b.load());
  for (const unsigned each : learnt) outcome = (outcome ^ each) * 2654435761U;
  outcomes[outcome >> 14] = 1;
}

struct SeenOutcomes {
  std::vector<std::size_t> found;
  std::uint64_t executions = 0;
};

SeenOutcomes outcomes_of(bool reduction, int preemptions) {
  std::memset(outcomes, 0, kOutcomes);
  Options options;
  options.preemptions = preemptions;
  options.priority_runs = options.random_runs = 0;
  options.reduction = reduction;
  const Result result = explore(options, run_drawn_program);
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.phases.back().exhausted);
  SeenOutcomes seen{{}, result.executions()};
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (outcomes[i] != 0) seen.found.push_back(i);
  }
  return seen;
}

// `count` programs from that seed on.
void compare_programs(unsigned first, unsigned count) {
  outcomes = static_cast<unsigned char*>(
      mmap(nullptr, kOutcomes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::uint64_t all = 0;
  std::uint64_t reduced = 0;
  std::size_t different = 0;
  for (unsigned seed = first; seed < first + count; ++seed) {
    drawn = draw_program(seed);
    const int preemptions = drawn.threads == 2 ? 2 : 1;
    const SeenOutcomes every = outcomes_of(false, preemptions);
    const SeenOutcomes fewer = outcomes_of(true, preemptions);
    INFO("program " << seed << " with " << preemptions << " preemptions: " << text_of(drawn));
    CHECK(every.found == fewer.found);
    all += every.executions;
    reduced += fewer.executions;
    different += every.found.size();
  }
  munmap(outcomes, kOutcomes);
  UNSCOPED_INFO(all << " executions, " << reduced << " with reduction, " << different << " outcomes");
  CHECK(different > count);
  CHECK(reduced * 2 < all);
}

}  // namespace

TEST_CASE("of programs drawn at random the reduction loses no outcome within its bound", "[explore]") {
  compare_programs(0, 40);
}

namespace {

// Made to wait between the two locks of the scenario's own thread, the other sees only one of its stores.
template <class Lock>
void look_around_a_lock() {
  Lock lock;
  std::atomic<int> x{0};
  int before = 0;
  int after = 0;
  std::jthread other([&] {
    before = x.load();
    lock.lock();
    lock.unlock();
    after = x.load();
  });
  lock.lock();
  lock.unlock();
  x.store(1);
  x.store(2);
  other.join();
  require(!(before == 0 && after == 1), "seen");
}

}  // namespace

TEST_CASE("a preemption right before an unlock, which makes another thread wait for nothing, is not left out",
          "[explore]") {
  for (const bool reduction : {true, false}) {
    Options options;
    options.priority_runs = options.random_runs = 0;
    options.reduction = reduction;
    CHECK(explore(options, look_around_a_lock<std::mutex>).finding == Finding::assertion);
    CHECK(explore(options, look_around_a_lock<std::shared_mutex>).finding == Finding::assertion);
  }
}

// Not run by default: minutes.
TEST_CASE("of many programs drawn at random the reduction loses no outcome", "[.][long]") {
  compare_programs(1000, 2000);
}

}  // namespace crosstalk::harness::explore
