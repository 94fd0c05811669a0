// What the pools of other people's libraries have in common with each other is ours: their books and their end, explored.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/explore/scenario.h"
#include "pool/executor/peers/peer_pool.h"

namespace crosstalk::harness::explore {

namespace {

using pool::Admission;
using pool::PoolOptions;
using pool::Priority;

// A thread and a queue behind these books.
class OneThread final : public pool::PeerPool {
 public:
  OneThread() : PeerPool(PoolOptions::fixed(1)), thread_([this] { work(); }) {}
  ~OneThread() override { shutdown(); }

  Admission post(pool::Task task, Priority) override {
    return hand_over([&] { push(std::move(task)); });
  }
  void shutdown() override {
    if (!close_and_drain()) return;
    push({});
    thread_.join();
  }

 private:
  void push(pool::Task task) {
    const std::lock_guard guard(mutex_);
    tasks_.push_back(std::move(task));
    has_tasks_.notify_one();
  }
  pool::Task next() {
    std::unique_lock guard(mutex_);
    has_tasks_.wait(guard, [&] { return !tasks_.empty(); });
    pool::Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }
  void work() {
    enter(0);
    while (pool::Task task = next()) run(task);
  }

  std::mutex mutex_;  // guards the tasks
  std::condition_variable has_tasks_;
  std::deque<pool::Task> tasks_;
  std::thread thread_;
};

}  // namespace

EXPLORE_AS("executor/peer_pool/post_against_shutdown") {
  std::atomic<int> ran{0};
  bool accepted = false;
  {
    OneThread threads;
    std::jthread first(
        [&] { accepted = threads.post([&] { ran.fetch_add(1); }, Priority::normal) == Admission::accepted; });
    threads.shutdown();
    first.join();
    const pool::PoolStats books = threads.stats();
    require(books.submitted == books.accounted(), "the pool's books do not balance");
  }
  require(ran.load() == (accepted ? 1 : 0), "an accepted task is lost, or a refused one ran");
}

}  // namespace crosstalk::harness::explore
