#include "harness/count/counted_replay.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "harness/count/call_tally.h"
#include "harness/count/resting_pool.h"
#include "harness/live_probe.h"
#include "harness/lock_times.h"
#include "harness/op_cursor.h"
#include "harness/receive_turn.h"
#include "harness/recorders.h"
#include "harness/repeat.h"
#include "harness/request_priority.h"
#include "pool/executor/strand.h"

namespace crosstalk::harness::count {

namespace {

constexpr std::uint64_t kMostCounted = 10'000;
constexpr std::uint64_t kMostWithWorker = 100;
constexpr std::uint64_t kFewestCounted = 100;
constexpr std::uint64_t kDeliveries = 10'000'000;  // if every operation were a post to everybody
constexpr std::chrono::microseconds kNap{5};
constexpr std::uint64_t kLookForStop = 64;  // operations

using Kind = workloads::OpKind;

// For the length of a replay the process counts what it does with locks.
class WatchedLocks {
 public:
  explicit WatchedLocks(const Clock& clock) noexcept { LiveProbe::measure(&clock); }
  ~WatchedLocks() { LiveProbe::measure(nullptr); }
  WatchedLocks(const WatchedLocks&) = delete;
  WatchedLocks& operator=(const WatchedLocks&) = delete;
};

class CountedReplay {
 public:
  CountedReplay(const ServerKind& kind, const TrialInput& input)
      : input_(input),
        locks_watched_(input.clock),
        tallies_(input.trace->clients),
        recorders_(make_recorders(input, tallies_, false)),
        cursor_(input.trace->ops, input.trace->lap_ns, input.trace->repeats),
        turn_(0, 1, input.trace->clients),
        repeats_(input.options.repeat, input.options.seed, 0) {
    if (kind.composed && input.options.dispatch == pool::Dispatch::pooled) hand_out_.emplace();
    if (input.options.path == Path::pooled) requests_.emplace();
    server_ = kind.make(options(), setting(), false);
    if (requests_) {
      for (std::uint32_t client = 0; client < std::max(1U, input.trace->clients); ++client)
        strands_.emplace_back(requests_->pool());
    }
    prefill();
  }

  OperationCounts run() {
    rest();
    const std::uint64_t operations = counted_operations(*input_.trace, requests_ || hand_out_);
    const std::uint64_t before = input_.trace->repeats
                                     ? operations
                                     : std::min<std::uint64_t>(operations, input_.trace->ops.size() / 2);
    for (std::uint64_t i = 0; i < before + operations && !cursor_.at_end(); ++i, cursor_.advance()) {
      if (i == before) counts_ = {};
      if (i % kLookForStop == 0 && stopped()) return {};
      const workloads::Op& op = cursor_.op();
      turn_.posted(account(op.kind, {&op, op.client, repeats_.draw(op.kind)}).recipients);
      while (turn_.due()) account(Kind::receive, {nullptr, turn_.take(), RepeatOf::nothing});
    }
    counts_.heap = CallTally::sees_heap();
    counts_.kernel = CallTally::sees_kernel();
    return counts_;
  }

 private:
  struct Request {
    const workloads::Op* op;  // null: a receive
    std::uint32_t client;
    RepeatOf repeat;  // counted as if the operation itself did it
  };

  [[nodiscard]] pool::ServerOptions options() {
    pool::ServerOptions options;
    options.clients = std::max(1U, input_.trace->clients);
    options.rooms = std::max(1U, input_.trace->rooms);
    options.counter = input_.options.counter;
    if (hand_out_) options.dispatch = pool::Dispatch::pooled;
    if (hand_out_) options.executor = &hand_out_->pool();
    return options;
  }
  [[nodiscard]] IssuerSetting setting() const {
    return {.clock = input_.clock,
            .checks = Checks::off,
            .calls = {.deferred = hand_out_.has_value()},
            .book = nullptr,
            .journal = nullptr,
            .marks = nullptr,
            .recorders = recorders_};
  }

  [[nodiscard]] bool stopped() const noexcept {
    // relaxed: set by a signal; some operations more do no harm.
    return input_.stop != nullptr && input_.stop->load(std::memory_order_relaxed);
  }

  void prefill() {
    for (const std::uint32_t client : input_.trace->connected)
      server_->issue(0, {.client = client, .kind = Kind::connect});
    for (const workloads::Membership& member : input_.trace->members)
      server_->issue(0, {.client = member.client, .room = member.room, .kind = Kind::join});
  }

  // Does what is asked for, until everybody sleeps again, and puts down what it took.
  Issued account(Kind kind, Request request) {
    const CallTotals calls = CallTally::totals();
    const std::uint64_t submits = submitted();
    if (requests_) {
      hand_over(kind, request, pool::Task([this, request] { perform(request); }));
      // After the request, and not beside it, which would be one task of the pool or two.
      if (request.repeat == RepeatOf::pool) hand_over(kind, request, pool::Task([] {}));
    } else {
      CallTally::count_this_thread(true);
      perform(request);
      CallTally::count_this_thread(false);
      rest();
    }
    const CallTotals after = CallTally::totals();
    counts_.kinds[static_cast<std::size_t>(kind)] += {.operations = 1,
                                                      .locks = locks_,
                                                      .shared_locks = shared_locks_,
                                                      .allocations = after.allocations - calls.allocations,
                                                      .allocated_bytes = after.bytes - calls.bytes,
                                                      .submits = submitted() - submits,
                                                      .wakes = after.wakes - calls.wakes};
    return issued_;
  }

  void hand_over(Kind kind, Request request, pool::Task task) {
    CallTally::count_this_thread(true);
    strands_[request.client].post(std::move(task), priority_of(kind));
    CallTally::count_this_thread(false);
    rest();
  }

  // On the thread that serves the request; what it writes is read when that thread sleeps.
  void perform(Request request) {
    const LockTimes& times = LockTimes::mine();
    const std::uint64_t locks = times.totals().sections;
    const std::uint64_t shared_locks = times.shared();
    issued_ = request.op == nullptr ? server_->receive(0, request.client, 0) : server_->issue(0, *request.op);
    if (request.repeat != RepeatOf::nothing && request.repeat != RepeatOf::pool)
      server_->repeat(0, request.repeat, *request.op);
    locks_ = times.totals().sections - locks;
    shared_locks_ = times.shared() - shared_locks;
  }

  [[nodiscard]] std::uint64_t submitted() const {
    return (requests_ ? requests_->submitted() : 0) + (hand_out_ ? hand_out_->submitted() : 0);
  }

  // Waits until the workers have nothing to do and sleep. A pool is only asked while its worker does not run, which would
  // have to wait for the pool's locks. Requests come first: they are what hands posts out.
  void rest() const {
    if (!requests_ && !hand_out_) return;
    const auto sleep = [&] {
      return (!requests_ || requests_->worker_sleeps()) && (!hand_out_ || hand_out_->worker_sleeps());
    };
    const auto done = [&] {
      return (!requests_ || requests_->is_done()) && (!hand_out_ || hand_out_->is_done());
    };
    // Asked twice: what the workers wrote before they slept is seen behind the locks of is_done(), which may wake one that waits for them.
    while (!sleep() || !done() || !sleep())
      std::this_thread::sleep_for(kNap);  // the worker may have no other processor
  }

  const TrialInput& input_;
  WatchedLocks locks_watched_;
  std::vector<ClientTally> tallies_;
  Recorders recorders_;
  OpCursor cursor_;
  ReceiveTurn turn_;
  RepeatDraw repeats_;
  std::optional<RestingPool> hand_out_;  // outlives the server
  std::unique_ptr<ServerUnderTest> server_;
  std::optional<RestingPool> requests_;  // its tasks call the server
  std::deque<pool::Strand> strands_;     // of each client; a deque, since strands cannot move
  Issued issued_;
  std::uint64_t locks_ = 0;  // of the latest operation
  std::uint64_t shared_locks_ = 0;
  OperationCounts counts_;
};

}  // namespace

std::uint64_t counted_operations(const workloads::Trace& trace, bool with_worker) noexcept {
  const std::uint64_t most = std::clamp(kDeliveries / std::max(1U, trace.clients), kFewestCounted,
                                        with_worker ? kMostWithWorker : kMostCounted);
  const std::uint64_t half = trace.ops.size() - trace.ops.size() / 2;
  return trace.repeats ? most : std::min<std::uint64_t>(most, half);
}

OperationCounts count_operations(const ServerKind& kind, const TrialInput& input) {
  CallTally::switch_on();
  const bool by_threads = kind.composed && input.options.dispatch == pool::Dispatch::thread;
  const bool needs_pool = input.options.path == Path::pooled ||
                          (kind.composed && input.options.dispatch == pool::Dispatch::pooled);
  if (input.trace->ops.empty() || by_threads || (needs_pool && !CallTally::sees_kernel())) return {};
  return CountedReplay(kind, input).run();
}

}  // namespace crosstalk::harness::count
