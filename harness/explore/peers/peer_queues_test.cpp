// Queues of other people's libraries. Judged by peer_scenarios_test.cpp, and run by crosstalk_explore_peers.
#include <array>
#include <thread>

#include "harness/explore/history.h"
#include "harness/explore/scenario.h"

#if CROSSTALK_HAS_CK
#include "harness/explore/peers/ck_fifo.h"
#endif
#if CROSSTALK_HAS_TBB
#include <oneapi/tbb/concurrent_queue.h>
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
#include <concurrentqueue/blockingconcurrentqueue.h>
#endif
#if CROSSTALK_HAS_BOOST
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/stack.hpp>
#endif

namespace crosstalk::harness::explore {

namespace {

constexpr std::int64_t kNumbers = 2;  // 1, 2

// Who takes a number puts it in again, so that there are never fewer than threads that take one. A queue has push(thread, number) and
// pop(thread), whose answer may be verify::kNone.
template <class Queue>
void two_turn(Queue& queue, History& history) {
  for (std::int64_t number = 1; number <= kNumbers; ++number) queue.push(2, number);
  const auto turn = [&](unsigned thread) {
    const std::int64_t number = history.note(thread, op::kDequeue, 0, 0, [&] { return queue.pop(thread); });
    if (number == verify::kNone) return;
    history.note(thread, op::kEnqueue, 0, number, [&] {
      queue.push(thread, number);
      return 0;
    });
  };
  std::jthread first(turn, 0U);
  std::jthread second(turn, 1U);
}

template <class Queue>
void two_turn_it_in_order() {
  Queue queue;
  History history;
  two_turn(queue, history);
  history.require_linearizable(2 << 4 | 1, queue_model);
}

// Of what promises no order.
template <class Queue>
void two_turn_it() {
  Queue queue;
  History history;
  two_turn(queue, history);
  const std::int64_t sum = queue.pop(2) + queue.pop(2);
  require(sum == 3 && queue.pop(2) == verify::kNone, "a number is lost or doubled");
}

#if CROSSTALK_HAS_CK
// Each thread has the node that its last pop() left it.
class CkFifo {
 public:
  CkFifo() { crosstalk_ck_fifo_init(&fifo_, &nodes_[0]); }
  void push(unsigned thread, std::int64_t number) {
    Node* const node = thread < 2 ? spare_[thread] : &nodes_[static_cast<std::size_t>(number)];
    crosstalk_ck_fifo_enqueue(&fifo_, node, &values_[static_cast<std::size_t>(number)]);
  }
  std::int64_t pop(unsigned thread) {
    void* value = nullptr;
    if (!crosstalk_ck_fifo_dequeue(&fifo_, &value, &spare_[thread])) return verify::kNone;
    return static_cast<char*>(value) - values_.data();
  }

 private:
  using Node = crosstalk_ck_fifo_node;
  crosstalk_ck_fifo fifo_{};
  std::array<Node, kNumbers + 1> nodes_{};
  std::array<Node*, 2> spare_{};
  std::array<char, kNumbers + 1> values_{};
};
#endif

#if CROSSTALK_HAS_TBB
class TbbQueue {
 public:
  void push(unsigned, std::int64_t number) { queue_.push(number); }
  std::int64_t pop(unsigned) {
    std::int64_t number = 0;
    return queue_.try_pop(number) ? number : verify::kNone;
  }

 private:
  tbb::concurrent_queue<std::int64_t> queue_;
};
#endif

#if CROSSTALK_HAS_CONCURRENTQUEUE
class MoodyCamelQueue {
 public:
  void push(unsigned, std::int64_t number) { queue_.enqueue(number); }
  std::int64_t pop(unsigned) {
    std::int64_t number = 0;
    return queue_.try_dequeue(number) ? number : verify::kNone;
  }

 private:
  moodycamel::ConcurrentQueue<std::int64_t> queue_{4};
};
#endif

#if CROSSTALK_HAS_BOOST
template <class Container>
class BoostLockFree {
 public:
  void push(unsigned, std::int64_t number) { container_.push(number); }
  std::int64_t pop(unsigned) {
    std::int64_t number = 0;
    return container_.pop(number) ? number : verify::kNone;
  }

 private:
  Container container_{4};
};
#endif

}  // namespace

#if CROSSTALK_HAS_CK
EXPLORE_AS("queue/ck_fifo_mpmc/two_turn_it") {
  two_turn_it_in_order<CkFifo>();
}
#endif

#if CROSSTALK_HAS_TBB
EXPLORE_AS("queue/tbb_concurrent_queue/two_turn_it") {
  two_turn_it_in_order<TbbQueue>();
}
#endif

#if CROSSTALK_HAS_CONCURRENTQUEUE
EXPLORE_AS("queue/concurrentqueue/two_turn_it") {
  two_turn_it<MoodyCamelQueue>();
}

EXPLORE_AS("queue/blockingconcurrentqueue/waits") {
  moodycamel::BlockingConcurrentQueue<int> queue(4);
  std::jthread waiting([&] {
    int number = 0;
    queue.wait_dequeue(number);
    require(number == 1, "not what was put in");
  });
  queue.enqueue(1);
}
#endif

#if CROSSTALK_HAS_BOOST
EXPLORE_AS("queue/boost_lockfree_queue/two_turn_it") {
  two_turn_it_in_order<BoostLockFree<boost::lockfree::queue<std::int64_t>>>();
}

EXPLORE_AS("queue/boost_lockfree_stack/two_turn_it") {
  two_turn_it<BoostLockFree<boost::lockfree::stack<std::int64_t>>>();
}
#endif

}  // namespace crosstalk::harness::explore
