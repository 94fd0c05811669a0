// For tests of the bus: an executor that does what it is told, and threads that meet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>

#include "pool/executor/executor.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {

// Runs nothing by itself.
class ManualExecutor final : public Executor {
 public:
  enum class Answer { accept, reject, run_here, fail };

  Admission post(Task task, Priority priority) override {
    static_cast<void>(priority);
    ++posts;
    switch (answer) {
      case Answer::reject:
        return Admission::rejected;
      case Answer::run_here:
        task();
        return Admission::caller_ran;
      case Answer::fail:
        throw std::runtime_error("no");
      case Answer::accept:
        break;
    }
    const std::scoped_lock guard(mutex_);
    tasks_.push_back(std::move(task));
    return Admission::accepted;
  }
  bool run_one() {
    Task task;
    {
      const std::scoped_lock guard(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  void run_all() {
    while (run_one()) {
    }
  }
  void destroy_all() {
    std::deque<Task> gone;
    const std::scoped_lock guard(mutex_);
    gone.swap(tasks_);
  }

  std::atomic<Answer> answer{Answer::accept};
  std::atomic<std::size_t> posts{0};

 private:
  std::mutex mutex_;  // guards tasks_
  std::deque<Task> tasks_;
};

// Threads over one queue, so that these tests depend on no thread pool.
class TestExecutor final : public Executor {
 public:
  explicit TestExecutor(unsigned threads, std::size_t capacity = 1'000'000) : capacity_(capacity) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  TestExecutor(const TestExecutor&) = delete;
  TestExecutor& operator=(const TestExecutor&) = delete;
  ~TestExecutor() override { shutdown(); }

  Admission post(Task task, Priority priority) override {
    static_cast<void>(priority);
    {
      const std::scoped_lock guard(mutex_);
      if (tasks_.size() >= capacity_) return Admission::rejected;
      tasks_.push_back(std::move(task));
      ++unfinished_;
    }
    there_.release();
    return Admission::accepted;
  }
  void wait_idle() {
    while (unfinished() > 0) sched_yield();
  }
  // Runs what is queued.
  void shutdown() {
    wait_idle();
    there_.release(static_cast<std::uint32_t>(threads_.size()));
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::size_t unfinished() {
    const std::scoped_lock guard(mutex_);
    return unfinished_;
  }
  void work() {
    for (;;) {
      there_.acquire();
      Task task;
      {
        const std::scoped_lock guard(mutex_);
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
      task = Task();
      const std::scoped_lock guard(mutex_);
      --unfinished_;
    }
  }

  const std::size_t capacity_;
  std::mutex mutex_;  // guards tasks_ and unfinished_
  std::deque<Task> tasks_;
  std::size_t unfinished_ = 0;
  Semaphore there_{0};
  std::vector<std::thread> threads_;
};

inline void bus_test_await(const std::atomic<int>& reached, int least) {
  // seq_cst: tests are plain.
  while (reached.load(std::memory_order_seq_cst) < least) sched_yield();
}

}  // namespace crosstalk::pool
