// Threads around moodycamel's BlockingConcurrentQueue as a pool of the pooled path. See peer_pool.h for what it does not support.
//
// Every submitting thread has a queue of its own within the queue, so tasks of one submitter start in order, and between
// submitters there is none. Workers spin on a semaphore for some microseconds, then sleep.
#pragma once

#include <new>
#include <thread>
#include <utility>
#include <vector>

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <pthread.h>

#include "pool/executor/peers/peer_pool.h"

namespace crosstalk::pool {

class ConcurrentQueuePool final : public PeerPool {
 public:
  static constexpr PeerPoolTraits kTraits{.fifo = true,
                                          .algorithm = "lock-free queue a submitter, semaphore",
                                          .source = "moodycamel ConcurrentQueue"};

  // Throws std::system_error if a thread cannot be started.
  explicit ConcurrentQueuePool(const PoolOptions& options) : PeerPool(options) {
    try {
      for (unsigned i = 0; i < options.max_threads; ++i) threads_.emplace_back([this, i] { work(i); });
    } catch (...) {
      shutdown();
      throw;
    }
  }
  ~ConcurrentQueuePool() override { shutdown(); }

  Admission post(Task task, Priority /*priority*/) override {
    return hand_over([&] {
      if (!queue_.enqueue(std::move(task))) throw std::bad_alloc();
    });
  }
  void shutdown() override {
    if (!close_and_drain()) return;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      while (!queue_.enqueue(Task())) std::this_thread::yield();  // there is no memory just now
    }
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  // An empty task is the end of one worker.
  void work(unsigned index) {
    pthread_setname_np(pthread_self(), options().name.substr(0, 15).c_str());
    enter(index);
    moodycamel::ConsumerToken token(queue_);
    for (Task task;;) {
      queue_.wait_dequeue(token, task);
      if (!task) return;
      run(task);
    }
  }

  moodycamel::BlockingConcurrentQueue<Task> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace crosstalk::pool
