// Queues with a deliberate bug each.
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/verify/queue_cases.h"
#include "harness/verify/specimen.h"

namespace crosstalk::harness::verify {

namespace {

enum class QueueBug : std::uint8_t {
  none,
  q01_busy,    // who finds the lock taken says that the queue is empty
  q02_lanes,   // two queues, filled in turn and emptied where the lock is free
  q03_twice,   // looks at the first element, then takes the first out
  q04_checks,  // looks whether there is space, then takes the space
};

class MutexQueue final : public QueueOnTrial {
 public:
  static constexpr std::size_t kPlaces = 16;

  explicit MutexQueue(QueueBug bug) : bug_(bug) {}

  bool push(unsigned thread, std::uint64_t value) override {
    Lane& lane = lanes_[bug_ == QueueBug::q02_lanes ? thread % 2 : 0];
    std::unique_lock guard(lane.mutex);
    if (lane.values.size() >= kPlaces) return false;
    if (bug_ == QueueBug::q04_checks) {
      guard.unlock();
      std::this_thread::yield();
      guard.lock();
      if (lane.values.size() >= kPlaces) lane.values.pop_front();  // the ring has gone around
    }
    lane.values.push_back(value);
    if (bug_ == QueueBug::q01_busy) std::this_thread::yield();  // as a push that takes longer
    return true;
  }

  void pop(unsigned thread, std::vector<std::uint64_t>& taken) override {
    const unsigned first = bug_ == QueueBug::q02_lanes ? thread % 2 : 0;
    for (unsigned i = 0; i < (bug_ == QueueBug::q02_lanes ? 2U : 1U) && taken.empty(); ++i)
      pop_of(lanes_[(first + i) % 2], taken);
  }

 private:
  struct Lane {
    std::mutex mutex;  // guards the values
    std::deque<std::uint64_t> values;
  };

  void pop_of(Lane& lane, std::vector<std::uint64_t>& taken) const {
    std::unique_lock guard(lane.mutex, std::defer_lock);
    if (bug_ != QueueBug::q01_busy) {
      guard.lock();
    } else if (!guard.try_lock()) {
      return;
    }
    if (lane.values.empty()) return;
    taken.push_back(lane.values.front());
    if (bug_ == QueueBug::q03_twice) {
      guard.unlock();
      std::this_thread::yield();
      guard.lock();
      if (lane.values.empty()) return;
    }
    lane.values.pop_front();
  }

  const QueueBug bug_;
  Lane lanes_[2];
};

void add_queue_pair(std::vector<Specimen>& all, const char* name, QueueBug bug, const char* what,
                    const std::vector<std::string>& properties) {
  const auto cases = [](QueueBug which) {
    return queue_cases(
        {[which](unsigned) { return std::make_unique<MutexQueue>(which); }, {}, MutexQueue::kPlaces});
  };
  add_pair(all,
           {.name = name,
            .bug = what,
            .cases = cases(bug),
            .properties = properties,
            .of_the_chapter = false,
            .layer = "queues"},
           cases(QueueBug::none));
}

}  // namespace

void add_queue_specimens(std::vector<Specimen>& all) {
  add_queue_pair(all, "Q01", QueueBug::q01_busy, "a queue that is busy says it is empty", {"no false empty"});
  add_queue_pair(all, "Q02", QueueBug::q02_lanes, "two queues that pass for one", {"first in, first out"});
  add_queue_pair(all, "Q03", QueueBug::q03_twice, "the first element is read and removed in two steps",
                 {"no duplication", "no loss"});
  add_queue_pair(all, "Q04", QueueBug::q04_checks, "space is looked for and taken in two steps", {"no loss"});
}

}  // namespace crosstalk::harness::verify
