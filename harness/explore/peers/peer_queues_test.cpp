// A queue of Concurrency Kit. Judged by peer_scenarios_test.cpp, and run by crosstalk_explore_peers.
#include <array>
#include <thread>

#include "harness/explore/history.h"
#include "harness/explore/peers/ck_fifo.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

using Node = crosstalk_ck_fifo_node;

// A queue of the numbers 1, 2, ...; what comes out goes in again, with the node that has become free.
template <std::size_t count>
class TurningQueue {
 public:
  TurningQueue() {
    crosstalk_ck_fifo_init(&fifo_, &nodes_[0]);
    for (std::size_t i = 0; i < count; ++i) crosstalk_ck_fifo_enqueue(&fifo_, &nodes_[i + 1], &values_[i]);
  }
  void turn(unsigned thread) {
    void* value = nullptr;
    Node* node = nullptr;
    const std::int64_t number = history_.note(thread, op::kDequeue, 0, 0, [&] {
      return crosstalk_ck_fifo_dequeue(&fifo_, &value, &node) ? number_of(value) : verify::kNone;
    });
    if (number == verify::kNone) return;
    history_.note(thread, op::kEnqueue, 0, number, [&] {
      crosstalk_ck_fifo_enqueue(&fifo_, node, value);
      return 0;
    });
  }
  void require_linearizable() const {
    verify::ModelState begin = 0;
    for (std::size_t i = count; i > 0; --i) begin = begin << 4 | static_cast<verify::ModelState>(i);
    history_.require_linearizable(begin, queue_model);
  }

 private:
  std::int64_t number_of(void* value) const { return static_cast<char*>(value) - values_.data() + 1; }

  crosstalk_ck_fifo fifo_{};
  std::array<Node, count + 1> nodes_{};
  std::array<char, count> values_{};
  History history_;
};

}  // namespace

// Never fewer elements than threads that take one: it cannot be found empty.
EXPLORE_AS("queue/ck_fifo_mpmc/two_turn_it") {
  TurningQueue<2> queue;
  {
    std::jthread first([&] { queue.turn(0); });
    std::jthread second([&] { queue.turn(1); });
  }
  queue.require_linearizable();
}

}  // namespace crosstalk::harness::explore
