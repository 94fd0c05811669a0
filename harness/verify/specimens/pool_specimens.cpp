#include <string>
#include <utility>

#include "harness/verify/pool_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/specimens/chapter_pool.h"
#include "harness/verify/specimens/faulty_pool.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness::verify {

namespace {

constexpr pool::PoolContract kChapterContract{
    .fifo = true, .priorities = true, .elastic = true, .threads_counted = true, .note = "specimen"};

AnyPool chapter_pool(PoolBug bug) {
  return {[bug](const pool::PoolOptions& options) { return std::make_unique<ChapterPool>(options, bug); },
          kChapterContract};
}

void add_pool_pair(std::vector<Specimen>& all, const std::string& name, const char* what, PoolBug bug,
                   std::vector<std::string> properties, bool of_the_chapter) {
  add_pair(all,
           {.name = name,
            .bug = what,
            .cases = pool_cases(chapter_pool(bug)),
            .properties = std::move(properties),
            .of_the_chapter = of_the_chapter,
            .layer = "pools"},
           pool_cases(chapter_pool(PoolBug::none)));
}

void add_fault_pair(std::vector<Specimen>& all, const char* name, const char* what, FaultPoolBug bug,
                    std::vector<std::string> properties) {
  const auto cases = [](FaultPoolBug which) {
    return pool_fault_cases(
        {[which](const pool::PoolOptions& options) { return std::make_unique<FaultyPool>(options, which); }});
  };
  add_pair(all,
           {.name = name,
            .bug = what,
            .cases = cases(bug),
            .properties = std::move(properties),
            .of_the_chapter = false,
            .layer = "faults"},
           cases(FaultPoolBug::none));
}

void add_fault_pools(std::vector<Specimen>& all) {
  add_fault_pair(all, "M43", "a task whose callback throws is counted twice",
                 FaultPoolBug::m43_callback_twice, {"books"});
  add_fault_pair(all, "M44", "a second shutdown returns before the end", FaultPoolBug::m44_second_shutdown,
                 {"shutdown"});
  add_fault_pair(all, "M45", "a worker waits for room in its own full queue", FaultPoolBug::m45_own_queue,
                 {"full queue"});
  add_fault_pair(all, "M46", "a thread that could not be had is counted on", FaultPoolBug::m46_ghost_thread,
                 {"books"});
  add_fault_pair(all, "M47", "what makes room for another task is not counted", FaultPoolBug::m47_dropped,
                 {"books"});
  add_fault_pair(all, "M48", "a late result is told as well", FaultPoolBug::m48_late_result, {"deadlines"});
}

}  // namespace

void add_pool_specimens(std::vector<Specimen>& all) {
  const std::string lost = "no accepted task is lost";
  add_fault_pools(all);
  add_pool_pair(all, "M17", "stops before it drains, and waits for ever", PoolBug::m17_stop_before_drain,
                {"shutdown"}, true);
  add_pool_pair(all, "M18", "the idle counter goes below zero", PoolBug::m18_idle_below_zero, {"books"},
                true);
  add_pool_pair(all, "M19", "a sentinel that ties with tasks, and overtakes them", PoolBug::m19_sentinel,
                {"shutdown", lost}, true);
  add_pool_pair(all, "M20", "the stop flag is set without the mutex", PoolBug::m20_stop_without_mutex,
                {"shutdown"}, false);
  add_pool_pair(all, "M21", "submit looks whether it is stopped, then queues", PoolBug::m21_look_then_queue,
                {lost, "books"}, true);
  add_pool_pair(all, "M22", "the last thread leaves as a task comes", PoolBug::m22_keep_alive_race,
                {lost, "shutdown", "at least min_threads"}, false);
  add_pool_pair(all, "M23", "looks at the number of threads, then starts one", PoolBug::m23_look_then_grow,
                {"at most max_threads"}, true);
  add_pool_pair(all, "M24", "a task that throws is never counted out", PoolBug::m24_throw_skips_books,
                {"books"}, true);
  add_pool_pair(all, "M25", "equal priorities change places", PoolBug::m25_unstable,
                {"order of submission", "order of priority"}, true);
  const AnyPool rejecting{[](const pool::PoolOptions& options) {
                            pool::PoolOptions mine = options;
                            mine.policy = pool::QueuePolicy::reject;
                            return std::make_unique<pool::ThreadPool>(std::move(mine));
                          },
                          pool::kThreadPoolContract};
  all.push_back({.name = "D10",
                 .kind = SpecimenKind::decoy,
                 .bug = "a pool that rejects what finds its queue full",
                 .cases = pool_cases(rejecting),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "pools"});
  AnyPool relaxed = chapter_pool(PoolBug::m25_unstable);
  relaxed.contract.fifo = relaxed.contract.priorities = false;
  all.push_back({.name = "D08",
                 .kind = SpecimenKind::decoy,
                 .bug = "a pool of relaxed order, which says so",
                 .cases = pool_cases(relaxed),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "pools"});
}

}  // namespace crosstalk::harness::verify
