#include "harness/verify/peer_queues.h"

#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "harness/verify/queue_cases.h"

#if CROSSTALK_HAS_TBB
#include <tbb/concurrent_queue.h>
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
#include <concurrentqueue/concurrentqueue.h>
#endif
#if CROSSTALK_HAS_BOOST
#include <boost/lockfree/queue.hpp>
#endif
#if CROSSTALK_HAS_CK
#include "pool/containers/peers/ck_fifo_shim.h"
#endif

namespace crosstalk::harness::verify {

namespace {

// A queue of push(value) and a try to pop, whatever its name.
template <class Queue, auto push_it, auto pop_it>
class PeerQueue final : public QueueOnTrial {
 public:
  explicit PeerQueue(unsigned) {}
  bool push(unsigned, std::uint64_t value) override { return push_it(queue_, value); }
  void pop(unsigned, std::vector<std::uint64_t>& taken) override {
    std::uint64_t value = 0;
    if (pop_it(queue_, value)) taken.push_back(value);
  }

 private:
  Queue queue_;
};

template <class Queue>
[[maybe_unused]] void add_peer_queue(std::vector<Component>& all, const char* name, const char* promises,
                                     QueueContract contract) {
  all.push_back(
      {.name = name,
       .promises = promises,
       .cases = queue_cases({[](unsigned threads) { return std::make_unique<Queue>(threads); }, contract, 0}),
       .peer = true});
}

#if CROSSTALK_HAS_TBB
using TbbQueue = PeerQueue<tbb::concurrent_queue<std::uint64_t>,
                           [](tbb::concurrent_queue<std::uint64_t>& queue, std::uint64_t value) {
                             queue.push(value);
                             return true;
                           },
                           [](tbb::concurrent_queue<std::uint64_t>& queue, std::uint64_t& value) {
                             return queue.try_pop(value);
                           }>;
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
using Moodycamel = moodycamel::ConcurrentQueue<std::uint64_t>;
using MoodycamelQueue =
    PeerQueue<Moodycamel, [](Moodycamel& queue, std::uint64_t value) { return queue.enqueue(value); },
              [](Moodycamel& queue, std::uint64_t& value) { return queue.try_dequeue(value); }>;
#endif
#if CROSSTALK_HAS_BOOST
// Has no constructor without a size.
struct BoostLockfree : boost::lockfree::queue<std::uint64_t> {
  BoostLockfree() : boost::lockfree::queue<std::uint64_t>(64) {}
};
using BoostQueue =
    PeerQueue<BoostLockfree, [](BoostLockfree& queue, std::uint64_t value) { return queue.push(value); },
              [](BoostLockfree& queue, std::uint64_t& value) { return queue.pop(value); }>;
#endif
#if CROSSTALK_HAS_CK
// Every thread has entries, uses first what it got back last, and gets one back for each it gives.
class CkFifo final : public QueueOnTrial {
 public:
  explicit CkFifo(unsigned threads) : fifo_(crosstalk_ck_fifo_make(threads * kEach)), free_(threads) {
    if (fifo_ == nullptr) throw std::bad_alloc();
    for (unsigned i = 0; i < threads * kEach; ++i)
      free_[i / kEach].push_back(crosstalk_ck_fifo_entry(fifo_, i));
  }
  ~CkFifo() override { crosstalk_ck_fifo_free(fifo_); }
  CkFifo(const CkFifo&) = delete;
  CkFifo& operator=(const CkFifo&) = delete;

  bool push(unsigned thread, std::uint64_t value) override {
    std::vector<void*>& mine = free_[thread];
    if (mine.empty()) return false;
    void* const entry = mine.back();
    mine.pop_back();
    crosstalk_ck_fifo_enqueue(fifo_, entry, reinterpret_cast<void*>(value + 1));
    return true;
  }
  void pop(unsigned thread, std::vector<std::uint64_t>& taken) override {
    void* value = nullptr;
    void* garbage = nullptr;
    if (!crosstalk_ck_fifo_dequeue(fifo_, &value, &garbage)) return;
    free_[thread].push_back(garbage);
    taken.push_back(reinterpret_cast<std::uint64_t>(value) - 1);
  }

 private:
  static constexpr unsigned kEach = 512;

  crosstalk_ck_fifo* const fifo_;
  std::vector<std::vector<void*>> free_;
};
#endif

}  // namespace

void add_peer_queues([[maybe_unused]] std::vector<Component>& all) {
  [[maybe_unused]] const char* const whole = "first in, first out; empty only when it is";
#if CROSSTALK_HAS_TBB
  add_peer_queue<TbbQueue>(all, "queue/tbb_queue", "what one thread pushes and one pops stays in order",
                           {.fifo = false});
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
  add_peer_queue<MoodycamelQueue>(all, "queue/concurrentqueue",
                                  "what one thread pushes and one pops stays in order; empty is a guess",
                                  {.fifo = false, .exact_empty = false});
#endif
#if CROSSTALK_HAS_BOOST
  add_peer_queue<BoostQueue>(all, "queue/boost_lockfree", whole, {});
#endif
#if CROSSTALK_HAS_CK
  add_peer_queue<CkFifo>(all, "queue/ck_fifo_mpmc", whole, {});
#endif
}

}  // namespace crosstalk::harness::verify
