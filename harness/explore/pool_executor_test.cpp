// The thread pool and the strand, explored: at their beginning and end, where most pools have their bugs. Judged by
// pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "harness/explore/scenario.h"
#include "pool/executor/future.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness::explore {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::Priority;
using pool::ThreadPool;

// Each task in exactly one of the books' columns, once nobody is inside a call.
void require_balanced(const ThreadPool& threads) {
  const pool::PoolStats books = threads.stats();
  require(books.submitted == books.accounted(), "the pool's books do not balance");
}

// An executor of a thread for each task, so that a strand is explored without the pool.
class ThreadForEach final : public pool::Executor {
 public:
  Admission post(pool::Task task, Priority) override {
    const std::lock_guard guard(mutex_);
    const bool drops = std::exchange(drops_next_, false);
    threads_.emplace_back([drops, task = std::move(task)]() mutable {
      if (!drops) static_cast<void>(task());
    });
    return Admission::accepted;
  }
  void drop_next() { drops_next_ = true; }
  // Until all has run, also what was posted meanwhile.
  void wait() {
    for (;;) {
      std::unique_lock guard(mutex_);
      std::vector<std::thread> threads = std::exchange(threads_, {});
      guard.unlock();
      if (threads.empty()) return;
      for (std::thread& each : threads) each.join();
    }
  }

 private:
  std::mutex mutex_;  // guards the members below
  bool drops_next_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

EXPLORE_AS("pool/crosstalk/start_and_stop") {
  const ThreadPool threads(PoolOptions::fixed(2));
}

EXPLORE_AS("pool/crosstalk/runs_all_before_it_ends", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    ThreadPool threads(PoolOptions::fixed(2));
    for (int i = 0; i < 3; ++i) threads.post([&] { ran.fetch_add(1); });
    threads.shutdown();
    require_balanced(threads);
  }
  require(ran.load() == 3, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/one_worker_runs_what_two_submit", Schedules::sample) {
  int ran = 0;  // plain: one worker runs them all
  {
    ThreadPool threads(PoolOptions::fixed(1));
    {
      const auto submit = [&] {
        require(threads.post([&] { ++ran; }) == Admission::accepted, "a task was refused by a running pool");
      };
      std::jthread first(submit);
      std::jthread second(submit);
    }
    threads.shutdown();
  }
  require(ran == 2, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/post_against_shutdown") {
  std::atomic<int> ran{0};
  bool accepted = false;
  {
    ThreadPool threads(PoolOptions::fixed(1));
    {
      std::jthread first([&] { accepted = threads.post([&] { ran.fetch_add(1); }) == Admission::accepted; });
      threads.shutdown();
    }
    require_balanced(threads);
  }
  require(ran.load() == (accepted ? 1 : 0), "an accepted task is lost, or a refused one ran");
}

EXPLORE_AS("pool/crosstalk/post_against_shutdown_now") {
  std::atomic<int> ran{0};
  int accepted = 0;
  std::size_t handed_back = 0;
  {
    ThreadPool threads(PoolOptions::fixed(1));
    {
      std::jthread first([&] {
        for (int i = 0; i < 2; ++i)
          accepted += threads.post([&] { ran.fetch_add(1); }) == Admission::accepted ? 1 : 0;
      });
      handed_back = threads.shutdown_now().size();
    }
    threads.shutdown();
    require_balanced(threads);
  }
  require(ran.load() + static_cast<int>(handed_back) == accepted, "a task is neither run nor handed back");
}

EXPLORE_AS("pool/crosstalk/two_shut_it_down", Schedules::sample) {
  std::atomic<int> ran{0};
  ThreadPool threads(PoolOptions::fixed(1));
  threads.post([&] { ran.fetch_add(1); });
  const auto end = [&] {
    threads.shutdown();
    require(ran.load() == 1, "a shutdown returned before the end");
  };
  std::jthread first(end);
  std::jthread second(end);
}

EXPLORE_AS("pool/crosstalk/shutdown_against_shutdown_now", Schedules::sample) {
  std::atomic<int> ran{0};
  std::size_t handed_back = 0;
  {
    ThreadPool threads(PoolOptions::fixed(1));
    threads.post([&] { ran.fetch_add(1); });
    {
      std::jthread first([&] { threads.shutdown(); });
      std::jthread second([&] { handed_back = threads.shutdown_now().size(); });
    }
    require_balanced(threads);
  }
  require(ran.load() + static_cast<int>(handed_back) == 1, "a task is neither run nor handed back");
}

EXPLORE_AS("pool/crosstalk/shutdown_from_a_worker") {
  std::atomic<int> refused{0};
  {
    ThreadPool threads(PoolOptions::fixed(1));
    threads.post([&] {
      try {
        threads.shutdown();
      } catch (const std::logic_error&) {
        refused.fetch_add(1);
      }
    });
    threads.shutdown();
  }
  require(refused.load() == 1, "a worker could wait for itself");
}

EXPLORE_AS("pool/crosstalk/task_that_posts_while_it_shuts_down", Schedules::sample) {
  std::atomic<int> ran{0};
  std::atomic<int> accepted{0};
  {
    ThreadPool threads(PoolOptions::fixed(2));
    threads.post([&] {
      if (threads.post([&] { ran.fetch_add(1); }) == Admission::accepted) accepted.fetch_add(1);
    });
    threads.shutdown();
    require_balanced(threads);
  }
  require(ran.load() == accepted.load(), "an accepted task is lost");
}

// The thread above the minimum goes home when it has found nothing for a while: at that moment a task comes.
EXPLORE_AS("pool/crosstalk/keep_alive_against_post", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    PoolOptions options;
    options.min_threads = 1;
    options.max_threads = 2;
    options.keep_alive = std::chrono::nanoseconds(1);
    ThreadPool threads(std::move(options));
    for (int i = 0; i < 2; ++i) threads.post([&] { ran.fetch_add(1); });
    threads.wait_idle();
    require(ran.load() == 2, "idle, and a task has not run");
    threads.post([&] { ran.fetch_add(1); });
    threads.shutdown();
  }
  require(ran.load() == 3, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/resize_against_post", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    ThreadPool threads(PoolOptions::fixed(2));
    {
      std::jthread first([&] {
        for (int i = 0; i < 2; ++i) threads.post([&] { ran.fetch_add(1); });
      });
      threads.resize(1, 1);
    }
    threads.shutdown();
    require(threads.stats().total == 0, "a thread is left after the end");
  }
  require(ran.load() == 2, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/resize_against_shutdown", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    ThreadPool threads(PoolOptions::fixed(1));
    threads.post([&] { ran.fetch_add(1); });
    std::jthread first([&] { threads.resize(2, 2); });
    threads.shutdown();
  }
  require(ran.load() == 1, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/wait_idle_against_post") {
  std::atomic<int> ran{0};
  ThreadPool threads(PoolOptions::fixed(1));
  threads.post([&] { ran.fetch_add(1); });
  std::jthread first([&] { threads.post([&] { ran.fetch_add(1); }); });
  threads.wait_idle();
  require(ran.load() >= 1, "idle, and a task has not run");
}

EXPLORE_AS("pool/crosstalk/resume_against_post", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    ThreadPool threads(PoolOptions::fixed(1));
    threads.pause();
    {
      std::jthread first([&] { threads.post([&] { ran.fetch_add(1); }); });
      std::jthread second([&] { threads.resume(); });
    }
    threads.wait_idle();
  }
  require(ran.load() == 1, "a task is lost");
}

// Who waits for room in a full queue is woken when there is some, and when there will be none.
EXPLORE_AS("pool/crosstalk/full_queue", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    PoolOptions options = PoolOptions::fixed(1);
    options.capacity = 1;
    ThreadPool threads(std::move(options));
    std::jthread first([&] {
      for (int i = 0; i < 3; ++i)
        require(threads.post([&] { ran.fetch_add(1); }) == Admission::accepted, "refused by a running pool");
    });
    first.join();
    threads.shutdown();
  }
  require(ran.load() == 3, "a task is lost");
}

EXPLORE_AS("pool/crosstalk/full_queue_against_shutdown", Schedules::sample) {
  std::atomic<int> ran{0};
  int accepted = 0;
  {
    PoolOptions options = PoolOptions::fixed(1);
    options.capacity = 1;
    ThreadPool threads(std::move(options));
    {
      std::jthread first([&] {
        for (int i = 0; i < 3; ++i)
          accepted += threads.post([&] { ran.fetch_add(1); }) == Admission::accepted ? 1 : 0;
      });
      threads.shutdown();
    }
    require_balanced(threads);
  }
  require(ran.load() == accepted, "an accepted task is lost, or a refused one ran");
}

EXPLORE_AS("pool/crosstalk/drop_oldest", Schedules::sample) {
  std::atomic<int> ran{0};
  {
    PoolOptions options = PoolOptions::fixed(1);
    options.capacity = 1;
    options.policy = pool::QueuePolicy::drop_oldest;
    ThreadPool threads(std::move(options));
    {
      const auto submit = [&] { threads.post([&] { ran.fetch_add(1); }); };
      std::jthread first(submit);
      std::jthread second(submit);
    }
    threads.shutdown();
    require_balanced(threads);
    require(threads.stats().dropped + static_cast<unsigned>(ran.load()) == 2,
            "a task is neither run nor dropped");
  }
}

EXPLORE_AS("pool/crosstalk/future") {
  ThreadPool threads(PoolOptions::fixed(1));
  auto future = threads.submit([] { return 7; });
  require(future.get() == 7, "not what the task returned");
}

// The only worker's task waits for a task behind it: it must be run there, or the wait be refused.
EXPLORE_AS("pool/crosstalk/task_that_waits_for_a_task") {
  std::atomic<int> ended{0};
  {
    ThreadPool threads(PoolOptions::fixed(1));
    threads.post([&] {
      auto inner = threads.submit([] { return 7; });
      try {
        require(inner.get() == 7, "not what the task returned");
      } catch (const std::exception&) {
      }
      ended.fetch_add(1);
    });
    threads.shutdown();
  }
  require(ended.load() == 1, "a task is lost");
}

EXPLORE_AS("executor/strand/one_at_a_time") {
  ThreadForEach executor;
  pool::Strand strand(executor);
  int ran = 0;  // plain: the strand must order its uses
  {
    const auto post = [&] { strand.post([&] { ++ran; }, Priority::normal); };
    std::jthread first(post);
    std::jthread second(post);
  }
  executor.wait();
  require(ran == 2, "a task is lost");
}

EXPLORE_AS("executor/strand/in_order") {
  ThreadForEach executor;
  pool::Strand strand(executor);
  int last = 0;
  for (int i = 1; i <= 2; ++i) {
    strand.post(
        [&last, i] {
          require(last == i - 1, "a later task ran first");
          last = i;
        },
        Priority::normal);
  }
  executor.wait();
  require(last == 2, "a task is lost");
}

// The executor destroys a step unrun: its task is given up, and the others run.
EXPLORE_AS("executor/strand/dropped_step") {
  ThreadForEach executor;
  executor.drop_next();
  pool::Strand strand(executor);
  int ran = 0;
  {
    const auto post = [&] { strand.post([&] { ++ran; }, Priority::normal); };
    std::jthread first(post);
    std::jthread second(post);
  }
  executor.wait();
  require(ran == 1, "not exactly the dropped task is missing");
}

}  // namespace crosstalk::harness::explore
