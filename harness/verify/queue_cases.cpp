#include "harness/verify/queue_cases.h"

#include <algorithm>
#include <string>

#include "harness/verify/clock_skew.h"
#include "harness/verify/crew.h"
#include "harness/verify/queue_monitor.h"
#include "harness/verify/stepper.h"

namespace crosstalk::harness::verify {

namespace {

// Places in the histogram.
struct QueueCells {
  QueueCells(CaseRun& run, const AnyQueue& any)
      : pushed(run.cell("push = true")),
        full(run.cell("push = full", any.capacity == 0)),
        popped(run.cell("pop = value")),
        empty(run.cell("pop = empty")) {}
  std::size_t pushed, full, popped, empty;
};

// What one thread does with the queue, and its history.
class QueueUser {
 public:
  QueueUser(Member& member, QueueOnTrial& queue, const QueueCells& cells)
      : member_(member), queue_(queue), cells_(cells) {}

  void push() {
    // Which thread, and its how-manieth: no two are the same.
    const std::uint64_t value = (std::uint64_t{member_.id()} << 40) | next_++;
    member_.begin("push", next_ - 1);
    QueueOp op{.value = value, .push = true, .thread = member_.id()};
    op.call = ticks_before();
    op.done = queue_.push(member_.id(), value);
    op.ret = ticks_after();
    member_.end(op.done ? 1 : 0);
    member_.run().count(op.done ? cells_.pushed : cells_.full);
    ops_.push_back(op);
  }
  // How many it was.
  std::size_t pop() {
    taken_.clear();
    member_.begin("pop");
    QueueOp op{.thread = member_.id()};
    op.call = ticks_before();
    queue_.pop(member_.id(), taken_);
    op.ret = ticks_after();
    member_.end(static_cast<std::int64_t>(taken_.size()));
    member_.run().count(taken_.empty() ? cells_.empty : cells_.popped);
    op.done = !taken_.empty();
    if (taken_.empty()) ops_.push_back(op);
    for (const std::uint64_t value : taken_) {
      op.value = value;
      ops_.push_back(op);
      ++op.place;
    }
    return taken_.size();
  }
  [[nodiscard]] const std::vector<QueueOp>& ops() const noexcept { return ops_; }

 private:
  Member& member_;
  QueueOnTrial& queue_;
  const QueueCells& cells_;
  std::uint64_t next_ = 0;
  std::vector<QueueOp> ops_;
  std::vector<std::uint64_t> taken_;
};

// Rounds that fill the queue, empty it, or neither; where only one may pop, the first thread does nothing else.
void use_queue(Member& member, QueueUser& user, const QueueContract& contract, const Round& round) {
  constexpr std::uint64_t kPushesOfEight[] = {4, 7, 1};
  const std::uint64_t share = kPushesOfEight[round.number % 3];
  for (std::uint64_t i = 0; i < round.operations; ++i) {
    member.injector().outside();
    const bool pushes = contract.one_consumer ? member.id() != 0 : member.random().below(8) < share;
    if (pushes) {
      user.push();
    } else {
      user.pop();
    }
  }
}

void crowd_queue(CaseRun& run, const AnyQueue& any) {
  const QueueCells cells(run, any);
  const std::uint64_t skew = measure_clock_skew();
  const auto most = static_cast<unsigned>(std::clamp<std::uint64_t>(run.options().threads_most, 4, 8));
  Crew crew(run, most);
  run.rounds({2, 3, 4, 3, 2, 8}, 20, 300, [&](const Round& round) {
    const auto queue = any.make(most);
    std::vector<QueueUser> users;
    for (unsigned id = 0; id < round.threads; ++id) users.emplace_back(crew[id], *queue, cells);
    run.expect("progress", "push and pop");
    crew.round(round, [&](Member& member) { use_queue(member, users[member.id()], any.contract, round); });
    // What is left. A queue that may say "empty" for no reason says so a few times in a row.
    crew.start(1, [&](Member& member) {
      for (unsigned empty = 0; empty < (any.contract.exact_empty ? 1U : 100U);)
        empty = users[member.id()].pop() == 0 ? empty + 1 : 0;
    });
    crew.finish();
    run.expect_nothing();
    std::vector<QueueOp> ops;
    for (const QueueUser& user : users) ops.insert(ops.end(), user.ops().begin(), user.ops().end());
    const QueueFinding found = judge_queue(std::move(ops), any.contract, any.capacity, skew);
    if (!found.property.empty()) crew.fail(found.property, found.detail);
  });
}

void turn_around(Crew& crew, QueueOnTrial& queue, unsigned thread, std::vector<std::uint64_t>& taken) {
  taken.clear();
  queue.pop(thread, taken);
  if (taken.empty())
    crew.fail("no false empty", "there are as many elements as threads, each holds one at most, thread " +
                                    std::to_string(thread) +
                                    " holds none, and was told that the queue is empty");
  if (!queue.push(thread, taken.front()))
    crew.fail("no false full", "the queue does not take back what was popped from it");
}

// As many elements as threads. A thread holds one at most, and none while it pops: so at each moment the others hold less than all,
// and what is in nobody's hands is in the queue.
void circulate(CaseRun& run, const AnyQueue& any) {
  const std::size_t turns = run.cell("turns");
  const auto most = static_cast<unsigned>(std::clamp<std::uint64_t>(run.options().threads_most, 4, 8));
  Crew crew(run, most);
  run.rounds({2, 3, 4, 2}, 500, 4'000, [&](const Round& round) {
    const auto queue = any.make(most);
    StepMeeting meeting;
    for (unsigned id = 0; id < round.threads; ++id) {
      if (!queue->push(id, id)) crew.fail("no false full", "a new queue does not take an element a thread");
    }
    run.expect("progress", "push and pop");
    crew.round(round, [&](Member& member) {
      // Turns in a row count as one operation: the time should pass inside the queue, where the needle is to hit.
      constexpr std::uint64_t kInARow = 32;
      constexpr std::uint64_t kSteps = 160;  // about what it takes until a pop has ended
      std::vector<std::uint64_t> taken;
      for (std::uint64_t i = 0; i < round.operations; i += kInARow) {
        member.begin("turns", kInARow);
        // One thread stops in one of the row's pops; the others go on.
        if (member.id() == 0)
          step_then_pause(static_cast<std::uint32_t>(member.random().below(kSteps)), &meeting);
        for (std::uint64_t turn = 0; turn < kInARow; ++turn) {
          turn_around(crew, *queue, member.id(), taken);
          if (member.id() == 1) meeting.did_one();
        }
        member.end();
        if (round.number % 4 == 0) member.injector().outside();
        run.count(turns, kInARow);
      }
    });
    run.expect_nothing();
  });
}

}  // namespace

std::vector<VerifyCase> queue_cases(const AnyQueue& any) {
  std::vector<VerifyCase> cases{{"crowd", [any](CaseRun& run) { crowd_queue(run, any); }, 1}};
  const QueueContract& contract = any.contract;
  if (contract.exact_empty && !contract.one_consumer && !contract.batches)
    cases.push_back({"circulation", [any](CaseRun& run) { circulate(run, any); }, 1});
  return cases;
}

}  // namespace crosstalk::harness::verify
