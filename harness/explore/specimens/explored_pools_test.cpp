// The thread pool of the chapter with its bugs, and without one.
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "harness/explore/specimens/specimen.h"
#include "harness/verify/specimens/chapter_pool.h"

namespace crosstalk::harness::explore {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::Priority;
using verify::ChapterPool;
using verify::PoolBug;

constexpr const char* kTaskLost = "no accepted task is lost: one has not run";

template <PoolBug bug>
void post_and_stop() {
  int ran = 0;  // plain: one thread runs it, and is joined
  {
    ChapterPool threads(PoolOptions::fixed(1), bug);
    threads.post([&] { ++ran; }, Priority::normal);
    threads.shutdown();
    require(threads.stats().idle == 0, "books: somebody is idle after the end");
  }
  require(ran == 1, kTaskLost);
}

template <PoolBug bug>
void stop() {
  ChapterPool threads(PoolOptions::fixed(1), bug);
  threads.shutdown();
}

// The mutant may start a thread for it when all is over: what counts is what has run when the shutdown and the post are.
template <PoolBug bug>
void post_against_stop() {
  std::atomic<int> ran{0};
  bool accepted = false;
  ChapterPool threads(PoolOptions::fixed(1), bug);
  std::jthread first([&] {
    // relaxed (both): the number alone is looked at.
    const auto task = [&] { ran.fetch_add(1, std::memory_order_relaxed); };
    accepted = threads.post(task, Priority::normal) == Admission::accepted;
  });
  threads.shutdown();
  first.join();
  require(ran.load(std::memory_order_relaxed) == (accepted ? 1 : 0), kTaskLost);
}

template <PoolBug bug>
void post_against_time_out() {
  int ran = 0;
  {
    PoolOptions options = PoolOptions::fixed(1);
    options.keep_alive = std::chrono::milliseconds(1);
    ChapterPool threads(options, bug);
    threads.post([&] { ++ran; }, Priority::normal);
    threads.shutdown();
  }
  require(ran == 1, kTaskLost);
}

template <PoolBug bug>
void two_make_it_grow() {
  PoolOptions options;
  options.min_threads = 1;
  options.max_threads = 2;
  options.keep_alive = std::chrono::hours(1);
  ChapterPool threads(options, bug);
  {
    const auto post = [&] { threads.post([] {}, Priority::normal); };
    std::jthread first(post);
    std::jthread second(post);
  }
  require(threads.stats().total <= 2, "at most max_threads: there are more");
}

template <PoolBug bug>
void task_that_throws() {
  ChapterPool threads(PoolOptions::fixed(1), bug);
  threads.post([] { throw 1; }, Priority::normal);
  threads.shutdown();
  require(threads.stats().active == 0, "books: a task that threw is still counted as running");
}

template <PoolBug bug>
void four_in_order() {
  int last = 0;
  ChapterPool threads(PoolOptions::fixed(1), bug);
  for (int number = 1; number <= 4; ++number) {
    threads.post(
        [&last, number] {
          require(last == number - 1, "order of submission: a later task ran first");
          last = number;
        },
        Priority::normal);
  }
  threads.shutdown();
}

// Whatever their order.
void four_in_any_order() {
  int ran = 0;
  ChapterPool threads(PoolOptions::fixed(1), PoolBug::m25_unstable);
  for (int i = 0; i < 4; ++i) threads.post([&ran] { ++ran; }, Priority::normal);
  threads.shutdown();
  require(ran == 4, kTaskLost);
}

}  // namespace

void add_explored_pools(std::vector<ExploredSpecimen>& all) {
  constexpr PoolBug none = PoolBug::none;
  const Finding assertion = Finding::assertion;
  const std::string lost = "no accepted task is lost";
  all.push_back({"M17", "shutdown", Finding::deadlock, "stops before it drains, and waits for ever",
                 post_and_stop<PoolBug::m17_stop_before_drain>, post_and_stop<none>});
  all.push_back({"M18", "books", assertion, "the idle counter goes below zero",
                 post_and_stop<PoolBug::m18_idle_below_zero>, post_and_stop<none>});
  all.push_back({"M19", lost, assertion, "a sentinel that ties with tasks, and overtakes them",
                 post_and_stop<PoolBug::m19_sentinel>, post_and_stop<none>});
  all.push_back({"M20", "shutdown", Finding::lost_wake_up, "the stop flag is set without the mutex",
                 stop<PoolBug::m20_stop_without_mutex>, stop<none>});
  all.push_back({"M21", lost, assertion, "submit looks whether it is stopped, then queues",
                 post_against_stop<PoolBug::m21_look_then_queue>, post_against_stop<none>});
  all.push_back({"M22", lost, assertion, "the last thread leaves as a task comes",
                 post_against_time_out<PoolBug::m22_keep_alive_race>, post_against_time_out<none>});
  all.push_back({"M23", "at most max_threads", assertion, "looks at the number of threads, then starts one",
                 two_make_it_grow<PoolBug::m23_look_then_grow>, two_make_it_grow<none>});
  all.push_back({"M24", "books", assertion, "a task that throws is never counted out",
                 task_that_throws<PoolBug::m24_throw_skips_books>, task_that_throws<none>});
  all.push_back({"M25", "order of submission", assertion, "equal priorities change places",
                 four_in_order<PoolBug::m25_unstable>, four_in_order<none>});
  all.push_back(explored_decoy("D08", "a pool of relaxed order, which says so", four_in_any_order));
}

}  // namespace crosstalk::harness::explore
