// The direct path: a driver thread issues its clients' operations to the server itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/driver_records.h"
#include "harness/issuer.h"
#include "harness/op_cursor.h"
#include "harness/outside_work.h"
#include "harness/pacer.h"
#include "harness/quota.h"
#include "harness/receive_turn.h"
#include "harness/recorder.h"
#include "harness/repeater.h"
#include "harness/server_under_test.h"
#include "harness/thinking_clients.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "harness/trial_services.h"

namespace crosstalk::harness {

template <pool::ChatOperations S, bool timed>
class DirectDriver {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  DirectDriver(const DriverRun& run, Issuer<S, timed>& issuer)
      : input_(run.input),
        ops_((*input_.drivers)[run.index]),
        clock_(input_.clock),
        cursor_(ops_, input_.trace->lap_ns, input_.trace->repeats, input_.profile, input_.lap_rate_ops_s),
        turn_(run.index, static_cast<std::uint32_t>(input_.drivers->size()), input_.trace->clients),
        pacer_(input_.clock, input_.options.spin, input_.stop),
        outside_(input_, run.index),
        repeater_(run, issuer),
        issuer_(issuer),
        services_(run.services),
        recorder_(run.recorder),
        records_(run.recorder, input_.options.open_loop),
        news_(run.news),
        journal_(run.journal),
        report_(run.report),
        quota_(quota_of(input_, run.index)),
        open_loop_(input_.options.open_loop),
        thinks_(input_.options.thinks()) {}

  // Returns the instant at which the last operation ended.
  std::uint64_t run(Window window) {
    records_.start(window);
    now_ = pacer_.wait_until(window.start);
    if (quota_ == 0) return now_;  // none of the operations is this driver's
    if (!timed && !cursor_.at_end()) recorder_.looked(now_);
    if (!open_loop_ && !thinks_) {
      run_closed(window);
    } else if constexpr (timed) {
      open_loop_ ? run_open(window) : run_thinking(window);
    }
    if constexpr (!timed) now_ = clock_.now();
    if (journal_ != nullptr) journal_->finish(report_);
    return now_;
  }

  [[nodiscard]] const DriverRecords& records() const noexcept { return records_; }

 private:
  // Without clock readings per operation, the time is looked up once in so many operations.
  static constexpr unsigned kUntimedStretch = 64;

  // While it is not known when the warm-up ends, every operation looks for it.
  void look_for_news(Window& window) noexcept {
    if (window.measure != Window::kNever) [[likely]]
      return;
    const Window before = window;
    if (!news_.inform(window)) return;
    records_.catch_up(before);
    records_.adopt(window);
  }

  // Waits until an instant is near; who is behind reads no clock. The rest of the wait stands right before the call, but
  // not while nobody knows when the measured phase begins: whoever issues its operations must have heard of it.
  void come_near(const Window& window, std::uint64_t intended) noexcept {
    if (intended <= now_) return;
    records_.catch_up(window);
    now_ = window.measure == Window::kNever ? pacer_.wait_until(intended) : pacer_.approach(intended);
  }

  void run_closed(Window& window) {
    std::uint64_t measured = 0;
    while (!cursor_.at_end()) {
      look_for_news(window);
      const Op& op = cursor_.op();
      const Issued issued = issue(op);
      const bool counts = closed_done(window, op.kind, op.client, issued);
      settle(window, issued);
      if (repeater_.any()) [[unlikely]]
        repeater_.after(op, counts);
      cursor_.advance();
      if (counts && ++measured == quota_) return;
      if (now_ >= window.end || pacer_.stopped()) return;
      if (outside_.any()) outside_.work();
    }
  }

  // Records an operation of the closed loop; true if it belongs to the measured phase.
  bool closed_done(const Window& window, Kind kind, std::uint32_t client, const Issued& issued) {
    if constexpr (timed) {
      now_ = issued.ended;
      return records_.back_to_back(window, kind, client, issued);
    } else {
      const bool counts = now_ >= window.measure;
      if (counts) recorder_.count(kind, issued.error);
      if (++stretch_ % kUntimedStretch == 0) recorder_.looked(now_ = clock_.now());
      return counts;
    }
  }

  void run_open(Window& window) {
    std::uint64_t measured = 0;
    while (!cursor_.at_end() && measured < quota_) {
      const std::uint64_t intended = due(window);
      if (intended >= window.end) break;
      const std::uint64_t free_since = now_;
      come_near(window, intended);
      look_for_news(window);
      if (now_ >= window.end || pacer_.stopped()) break;
      const Op& op = cursor_.op();
      issue_due(window, op, intended, free_since);
      cursor_.advance();
      if (intended >= window.measure) ++measured;
    }
    records_.catch_up(window);
    offer_the_rest(window, quota_ - measured);
  }

  // Each client for itself: an answer, a think time, the next operation.
  void run_thinking(Window& window) {
    ThinkingClients clients(ops_, input_.trace->repeats, input_.options.think, input_.options.seed, clock_);
    clients.start(window.start);
    for (std::uint64_t measured = 0; !clients.empty() && measured < quota_;) {
      const std::uint64_t intended = clients.top().due;
      if (intended >= window.end) break;
      const std::uint64_t free_since = now_;
      come_near(window, intended);
      look_for_news(window);
      if (now_ >= window.end || pacer_.stopped()) break;
      const ThinkingClients::Turn turn = clients.take();
      const std::uint64_t ended = issue_due(window, clients.op(turn), intended, free_since);
      const std::uint64_t next = clients.think(turn, ended);
      if (next != 0) records_.thinks(window, ended, next);
      if (intended >= window.measure) ++measured;
    }
    records_.catch_up(window);
    while (!clients.empty()) records_.left_over(clients.take().due);
  }

  // An operation that is due: issues and records it, does what it makes due. Returns when it ended.
  std::uint64_t issue_due(const Window& window, const Op& op, std::uint64_t intended,
                          std::uint64_t free_since) {
    issuer_.set_intended(intended);
    issuer_.pace_by(intended > now_ ? &pacer_ : nullptr);
    const Issued issued = issue(op);
    issuer_.pace_by(nullptr);
    now_ = issued.ended;
    records_.due(window, op, intended, free_since, issued);
    settle(window, issued);
    return issued.ended;
  }

  [[gnu::always_inline]] Issued issue(const Op& op) {
    if constexpr (timed) records_.begin();
    if (op.fault != workloads::Fault::none) [[unlikely]] {
      return issue_faulty(op);
    }
    return issuer_.issue(op);
  }
  [[gnu::noinline]] Issued issue_faulty(const Op& op) {
    services_.begin(op.fault);
    Issued issued = issuer_.issue(op);
    if (op.fault != workloads::Fault::thrown) return issued;
    try {
      throw InjectedFault();
    } catch (const InjectedFault&) {
      ++issuer_.counts().thrown;
      issued.error = true;
    }
    if constexpr (timed) issued.ended = clock_.now();
    return issued;
  }

  [[nodiscard]] std::uint64_t due(const Window& window) {
    return window.start + clock_.to_ticks(cursor_.intended_ns());
  }

  // What was due before the end and never started was offered all the same, up to `left` operations.
  void offer_the_rest(const Window& window, std::uint64_t left) {
    const std::uint64_t end = std::min(window.end, now_);
    for (; !cursor_.at_end() && left > 0; cursor_.advance(), --left) {
      const std::uint64_t intended = due(window);
      if (intended >= end) return;
      recorder_.offered(cursor_.op().kind, cursor_.op().client, intended);
      records_.left_over(intended);
    }
  }

  // After an operation: the receives it makes due, and the journal.
  void settle(const Window& window, const Issued& issued) {
    turn_.posted(issued.recipients);
    while (turn_.due()) receive(window, turn_.take());
    if (journal_ != nullptr && journal_->open()) journal_->operation_done(report_);
  }

  void receive(const Window& window, std::uint32_t client) {
    if constexpr (timed) records_.begin();
    const Issued issued = issuer_.receive(client);
    if (!timed || (!open_loop_ && !thinks_)) {
      closed_done(window, Kind::receive, client, issued);
      return;
    }
    now_ = issued.ended;
    records_.catch_up(window);  // slices are filled in order of time
    records_.receive(window, client, issued);
  }

  const TrialInput& input_;
  const std::vector<Op>& ops_;
  Clock clock_;
  OpCursor cursor_;
  ReceiveTurn turn_;
  Pacer pacer_;
  OutsideWork outside_;
  Repeater<S, timed> repeater_;
  Issuer<S, timed>& issuer_;
  TrialServices& services_;
  Recorder& recorder_;
  DriverRecords records_;
  const WindowSwitch& news_;
  Journal* journal_;
  TrialReport& report_;
  std::uint64_t quota_;  // ~0: no limit
  bool open_loop_;
  bool thinks_;
  std::uint64_t now_ = 0;  // end of the last operation
  unsigned stretch_ = 0;
};

}  // namespace crosstalk::harness
