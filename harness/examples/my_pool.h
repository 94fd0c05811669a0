// A thread pool of one's own: PeerPool keeps the books, what remains is a queue and its threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pool/executor/peers/peer_pool.h"

// One queue for all priorities, newest first.
class MyPool final : public crosstalk::pool::PeerPool {
 public:
  static constexpr crosstalk::pool::PeerPoolTraits kTraits{
      .fifo = false, .algorithm = "one stack, mutex and condition variable", .source = "example"};

  explicit MyPool(const crosstalk::pool::PoolOptions& options) : PeerPool(options) {
    for (unsigned i = 0; i < options.max_threads; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~MyPool() override { shutdown(); }

  crosstalk::pool::Admission post(crosstalk::pool::Task task, crosstalk::pool::Priority) override {
    return hand_over([&] {
      const std::scoped_lock guard(mutex_);
      tasks_.push_back(std::move(task));
      ready_.notify_one();
    });
  }

  void shutdown() override {
    if (!close_and_drain()) return;
    {
      const std::scoped_lock guard(mutex_);
      ended_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work(unsigned index) {
    enter(index);
    std::unique_lock guard(mutex_);
    for (;;) {
      ready_.wait(guard, [this] { return ended_ || !tasks_.empty(); });
      if (tasks_.empty()) break;
      crosstalk::pool::Task task = std::move(tasks_.back());
      tasks_.pop_back();
      guard.unlock();
      run(task);
      guard.lock();
    }
    leave();
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<crosstalk::pool::Task> tasks_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};
