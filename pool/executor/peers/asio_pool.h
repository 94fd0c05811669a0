// boost::asio::thread_pool as a pool of the pooled path. See peer_pool.h for what it does not support.
//
// One queue behind a mutex, workers sleep on a condition variable; what a worker posts goes to a list of its own first, and to
// the queue when its task ends. Workers get their number, and on_worker_start, before their first task.
#pragma once

#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "pool/executor/peers/peer_pool.h"

namespace crosstalk::pool {

class AsioPool final : public PeerPool {
 public:
  static constexpr PeerPoolTraits kTraits{.fifo = true,
                                          .algorithm = "one queue, mutex and condition variable",
                                          .source = "Boost.Asio thread_pool"};

  explicit AsioPool(const PoolOptions& options) : PeerPool(options), threads_(options.max_threads) {}
  ~AsioPool() override { shutdown(); }

  Admission post(Task task, Priority /*priority*/) override {
    return hand_over([&] { boost::asio::post(threads_, Step{this, std::move(task)}); });
  }
  void shutdown() override {
    if (close_and_drain()) threads_.join();
  }

 private:
  struct Step {
    void operator()() {
      if (!pool->is_here()) {
        // relaxed: any number that nobody else has.
        pool->enter(pool->entered_.fetch_add(1, std::memory_order_relaxed));
      }
      pool->run(task);
    }
    AsioPool* pool;
    Task task;
  };

  std::atomic<unsigned> entered_{0};
  boost::asio::thread_pool threads_;
};

}  // namespace crosstalk::pool
