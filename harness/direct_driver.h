// The direct path: a driver thread issues its clients' operations to the server itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/issuer.h"
#include "harness/op_cursor.h"
#include "harness/pacer.h"
#include "harness/receive_turn.h"
#include "harness/recorder.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "harness/trial_services.h"

namespace crosstalk::harness {

// How many operations driver `index` does in the measured phase at most: an equal share of all of them. A driver whose
// clients do nothing takes no share.
[[nodiscard]] inline std::uint64_t quota_of(const TrialInput& input, unsigned index) noexcept {
  if (input.options.operations == 0) return ~std::uint64_t{0};
  const auto busy = [](const std::vector<workloads::Op>& ops) { return !ops.empty(); };
  const auto& drivers = *input.drivers;
  const auto sharing = static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.end(), busy));
  if (!busy(drivers[index])) return 0;
  const auto place =
      static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.begin() + index, busy));
  return input.options.operations / sharing + (place < input.options.operations % sharing ? 1 : 0);
}

template <pool::ChatOperations S, bool timed>
class DirectDriver {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  DirectDriver(const TrialInput& input, unsigned index, Issuer<S, timed>& issuer, TrialServices& services,
               Recorder& recorder, Journal* journal, TrialReport& report)
      : clock_(input.clock),
        cursor_((*input.drivers)[index], input.trace->lap_ns, input.trace->repeats),
        turn_(index, static_cast<std::uint32_t>(input.drivers->size()), input.trace->clients),
        pacer_(input.clock, input.options.spin, input.stop),
        issuer_(issuer),
        services_(services),
        recorder_(recorder),
        journal_(journal),
        report_(report),
        quota_(quota_of(input, index)),
        open_loop_(input.options.open_loop) {}

  // Returns the instant at which the last operation ended.
  std::uint64_t run(const Window& window) {
    now_ = pacer_.wait_until(window.start);
    if (quota_ == 0) return now_;  // more drivers than operations
    if (open_loop_) {
      run_open(window);
    } else {
      run_closed(window);
    }
    if constexpr (!timed) now_ = clock_.now();
    if (journal_ != nullptr) journal_->finish(report_);
    return now_;
  }

 private:
  // Without clock readings per operation, the time is looked up once in so many operations.
  static constexpr unsigned kUntimedStretch = 64;

  void run_closed(const Window& window) {
    std::uint64_t measured = 0;
    while (!cursor_.at_end()) {
      const Op& op = cursor_.op();
      const Issued issued = issue(op);
      const bool counts = closed_done(window, op.kind, op.client, issued);
      if (issued.first != 0 && counts)
        recorder_.delivery(issued.first - issued.started, issued.last - issued.started);
      settle(window, issued);
      cursor_.advance();
      if (counts && ++measured == quota_) return;
      if (now_ >= window.end || pacer_.stopped()) return;
    }
  }

  // Records an operation of the closed loop; true if it belongs to the measured phase.
  bool closed_done(const Window& window, Kind kind, std::uint32_t client, const Issued& issued) {
    if constexpr (timed) {
      now_ = issued.ended;
      recorder_.record_service({.kind = kind,
                                .client = client,
                                .intended = issued.started,
                                .started = issued.started,
                                .ended = issued.ended,
                                .error = issued.error});
      return window.measures(issued.started, issued.ended);
    } else {
      const bool counts = now_ >= window.measure;
      if (counts) recorder_.count(kind, issued.error);
      if (++stretch_ % kUntimedStretch == 0) now_ = clock_.now();
      return counts;
    }
  }

  void run_open(const Window& window) {
    std::uint64_t measured = 0;
    while (!cursor_.at_end() && measured < quota_) {
      const std::uint64_t intended = due(window);
      if (intended >= window.end) return;
      const std::uint64_t free_since = now_;
      now_ = pacer_.wait_until(intended);
      if (now_ >= window.end || pacer_.stopped()) break;
      const Op& op = cursor_.op();
      issuer_.set_intended(intended);
      const Issued issued = issue(op);
      if constexpr (!timed) now_ = clock_.now();
      record_open(window, op, intended, free_since, issued);
      settle(window, issued);
      cursor_.advance();
      if (intended >= window.measure) ++measured;
    }
    offer_the_rest(window, quota_ - measured);
  }

  [[gnu::always_inline]] Issued issue(const Op& op) {
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

  [[nodiscard]] std::uint64_t due(const Window& window) const {
    return window.start + clock_.to_ticks(cursor_.intended_ns());
  }

  void record_open(const Window& window, const Op& op, std::uint64_t intended, std::uint64_t free_since,
                   const Issued& issued) {
    now_ = issued.ended;
    recorder_.offered(op.kind, op.client, intended);
    // What the server's own slowness delayed is queueing; only the rest is the generator's fault.
    const std::uint64_t could_start = std::max(intended, free_since);
    recorder_.record({.kind = op.kind,
                      .client = op.client,
                      .intended = intended,
                      .started = issued.started,
                      .ended = issued.ended,
                      .lateness = issued.started - std::min(could_start, issued.started),
                      .error = issued.error});
    if (issued.first != 0 && window.measures(intended, issued.ended)) {
      recorder_.delivery(issued.first - std::min(intended, issued.first),
                         issued.last - std::min(intended, issued.last));
    }
  }

  // What was due before the end and never started was offered all the same, up to `left` operations.
  void offer_the_rest(const Window& window, std::uint64_t left) {
    const std::uint64_t end = std::min(window.end, now_);
    for (; !cursor_.at_end() && left > 0; cursor_.advance(), --left) {
      const std::uint64_t intended = due(window);
      if (intended >= end) return;
      recorder_.offered(cursor_.op().kind, cursor_.op().client, intended);
    }
  }

  // After an operation: the receives it makes due, and the journal.
  void settle(const Window& window, const Issued& issued) {
    turn_.posted(issued.recipients);
    while (turn_.due()) receive(window, turn_.take());
    if (journal_ != nullptr && journal_->open()) journal_->operation_done(report_);
  }

  void receive(const Window& window, std::uint32_t client) {
    const Issued issued = issuer_.receive(client);
    if (!open_loop_) {
      closed_done(window, Kind::receive, client, issued);
      return;
    }
    now_ = issued.ended;
    recorder_.record({.kind = Kind::receive,
                      .client = client,
                      .intended = issued.started,
                      .started = issued.started,
                      .ended = issued.ended});
  }

  Clock clock_;
  OpCursor cursor_;
  ReceiveTurn turn_;
  Pacer pacer_;
  Issuer<S, timed>& issuer_;
  TrialServices& services_;
  Recorder& recorder_;
  Journal* journal_;
  TrialReport& report_;
  std::uint64_t quota_;  // ~0: no limit
  bool open_loop_;
  std::uint64_t now_ = 0;  // end of the last operation
  unsigned stretch_ = 0;
};

}  // namespace crosstalk::harness
