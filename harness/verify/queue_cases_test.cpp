#include "harness/verify/queue_cases.h"

#include <catch2/catch.hpp>
#include <deque>
#include <mutex>

#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

namespace {

// Says "empty" now and then for no reason.
class MoodyQueue final : public QueueOnTrial {
 public:
  explicit MoodyQueue(unsigned every) : every_(every) {}
  bool push(unsigned, std::uint64_t value) override {
    const std::lock_guard guard(mutex_);
    if (values_.size() == 16) return false;
    values_.push_back(value);
    return true;
  }
  void pop(unsigned, std::vector<std::uint64_t>& taken) override {
    const std::lock_guard guard(mutex_);
    if (values_.empty() || (every_ != 0 && ++pops_ % every_ == 0)) return;
    taken.push_back(values_.front());
    values_.pop_front();
  }

 private:
  const unsigned every_;
  std::mutex mutex_;  // guards the members below
  unsigned pops_ = 0;
  std::deque<std::uint64_t> values_;
};

ComponentOutcome judged_queue(unsigned every, QueueContract contract) {
  const AnyQueue any{[every](unsigned) { return std::make_unique<MoodyQueue>(every); }, contract, 16};
  return run_cases(queue_cases(any), {.seconds = 0.5, .seed = 1});
}

}  // namespace

TEST_CASE("a queue that keeps its promises passes, full and empty seen", "[harness][verify][stress]") {
  const ComponentOutcome outcome = judged_queue(0, {});
  CHECK(outcome.verdict == Verdict::pass);
  CHECK(outcome.cases.size() == 2);
}

TEST_CASE("a queue that says it is empty for no reason is accused only if it promised not to",
          "[harness][verify][stress]") {
  const ComponentOutcome outcome = judged_queue(50, {});
  REQUIRE(outcome.failed() != nullptr);
  CHECK(outcome.failed()->outcome.property == "no false empty");
  CHECK(judged_queue(50, {.exact_empty = false}).failed() == nullptr);
}

}  // namespace crosstalk::harness::verify
