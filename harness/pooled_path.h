// The pooled path: drivers hand each request to the thread pool, through the strand of its client, so that the requests
// of one client run one at a time and in order, while their priorities decide between clients. Workers record.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "harness/op_cursor.h"
#include "harness/pacer.h"
#include "harness/pool_options.h"
#include "harness/pooled_request.h"
#include "harness/quota.h"
#include "harness/receive_turn.h"
#include "harness/recorder.h"
#include "harness/repeat.h"
#include "harness/request_priority.h"
#include "harness/server_under_test.h"
#include "harness/thinking_clients.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

class PooledPath {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;
  static_assert(sizeof(PooledRequest) <= pool::Task::kInline, "a request must not allocate");

  // Issuers of the server and `recorders`: one a worker, then one a driver.
  PooledPath(const TrialInput& input, ServerUnderTest& server,
             const std::vector<std::unique_ptr<Recorder>>& recorders, TrialServices& services,
             const WindowSwitch& news)
      : input_(input),
        shared_{input.clock,
                server,
                recorders,
                services,
                input.options.workers,
                std::vector<DriverShare>(input.drivers->size()),
                std::vector<Flows>(recorders.size()),
                std::vector<AnatomyTaker>(recorders.size()),
                news},
        pool_(make_pool(input)) {
    const std::size_t drivers = input.drivers->size();
    for (std::size_t i = 0; input.options.thinks() && i < drivers; ++i)
      shared_.returns.push_back(std::make_unique<ReturnList>(input.trace->clients / drivers + 1));
    for (std::uint32_t client = 0; client < input.trace->clients; ++client) strands_.emplace_back(*pool_);
  }

  // Before the first operation.
  void start(const Window& window) noexcept {
    for (Flows& flows : shared_.flows) flows.start(window);
    shared_.withdrawn.start(window);
  }

  // Runs driver `index`; returns when the last of its requests is done, and the instant of that.
  std::uint64_t drive(unsigned index, Window window) {
    Feed feed(*this, index);
    feed.pacer.wait_until(window.start);
    if (input_.options.open_loop) {
      drive_open(feed, window);
    } else if (input_.options.thinks()) {
      drive_thinking(feed, window);
    } else {
      drive_closed(feed, window);
    }
    feed.wait_until_below(1);
    return input_.clock.now();
  }

  // Ends the workers and reports what passed, and the pool's own account.
  void shutdown(TrialReport& report) {
    pool_->shutdown();
    for (const Flows& flows : shared_.flows) report.flows += flows.report();
    report.flows += shared_.withdrawn.flows.report();
    for (std::size_t i = 0; i < report.kinds.size(); ++i)
      report.kinds[i].rejected += shared_.withdrawn.rejected[i];
    for (const AnatomyTaker& anatomy : shared_.anatomies) anatomy.merge_into(report.locks);
    LawCounts& counts = report.laws;
    const pool::PoolStats stats = pool_->stats();
    counts.pool_submitted += stats.submitted;
    counts.pool_completed += stats.completed;
    counts.pool_failed += stats.failed;
    counts.pool_rejected += stats.rejected;
    counts.pool_dropped += stats.dropped;
  }

 private:
  // What one driver keeps while it submits.
  struct Feed {
    Feed(PooledPath& owner, unsigned driver)
        : path(owner),
          index(driver),
          cursor((*owner.input_.drivers)[driver], owner.input_.trace->lap_ns, owner.input_.trace->repeats,
                 owner.input_.profile, owner.input_.lap_rate_ops_s),
          flows(owner.shared_.flows[owner.shared_.desk_of_driver(driver)]),
          turn(driver, owner.driver_count(), owner.input_.trace->clients),
          pacer(owner.input_.clock, owner.input_.options.spin, owner.input_.stop),
          quota(quota_of(owner.input_, driver)),
          repeats(owner.input_.options.repeat, owner.input_.options.seed, driver),
          allowed(inflight_of(owner.input_, driver)) {}

    void submit(const Op* op, std::uint32_t client, std::uint64_t intended, std::uint64_t now,
                RepeatOf repeat = RepeatOf::nothing) {
      ++submitted;
      flows.system.began(intended);
      flows.service.began(now);
      flows.queue.began(now);
      PooledRequest request(&path.shared_, op, client, index, intended, now, free_since, repeat);
      const Kind kind = op == nullptr ? Kind::receive : op->kind;
      path.strands_[client].post(pool::Task(std::move(request)), priority_of(kind));
      if (repeat == RepeatOf::pool) [[unlikely]] {
        ++submitted;
        path.strands_[client].post(pool::Task(PooledRepeat(&path.shared_, index)), priority_of(kind));
      }
      free_since = path.input_.clock.now();  // a full queue may have blocked: that is the pool's doing
    }

    // Is it time for one of the clients to receive?
    [[nodiscard]] bool receive_due() noexcept {
      // relaxed: see PooledRequest::note_deliveries().
      turn.posted(path.shared_.drivers[index].delivered.exchange(0, std::memory_order_relaxed));
      return turn.due();
    }
    void submit_receives() {
      while (receive_due()) submit(nullptr, turn.take(), free_since, free_since);
    }

    void wait_until_below(std::uint32_t limit) const {
      path.shared_.wait_until_below(index, submitted, limit);
    }

    PooledPath& path;
    unsigned index;
    OpCursor cursor;
    Flows& flows;
    ReceiveTurn turn;
    Pacer pacer;
    std::uint64_t quota;
    RepeatDraw repeats;
    std::uint32_t allowed;
    std::uint32_t submitted = 0;  // wraps, as `done` does
    std::uint64_t free_since = 0;
  };

  // Who waits for the end of a warm-up of unknown length looks for it.
  void look_for_news(Feed& feed, Window& window) noexcept {
    if (window.measure != Window::kNever) [[likely]]
      return;
    shared_.adopt_news(shared_.desk_of_driver(feed.index));
    shared_.news.inform(window);
  }

  // A receive takes a place of the window, as every request does.
  void drive_closed(Feed& feed, Window& window) {
    std::uint64_t measured = 0;
    while (!feed.cursor.at_end() && measured < feed.quota) {
      feed.wait_until_below(feed.allowed);
      look_for_news(feed, window);
      const std::uint64_t now = input_.clock.now();
      if (now >= window.end || feed.pacer.stopped()) return;
      feed.free_since = now;
      if (feed.receive_due()) {
        feed.submit(nullptr, feed.turn.take(), now, now);
        continue;
      }
      const Op& op = feed.cursor.op();
      feed.submit(&op, op.client, now, now, feed.repeats.draw(op.kind));
      feed.cursor.advance();
      if (now >= window.measure) ++measured;
    }
  }

  void drive_open(Feed& feed, Window& window) {
    Recorder& recorder = *shared_.recorders[shared_.desk_of_driver(feed.index)];
    std::uint64_t measured = 0;
    for (; !feed.cursor.at_end() && measured < feed.quota; feed.cursor.advance()) {
      const Op& op = feed.cursor.op();
      const std::uint64_t intended = window.start + input_.clock.to_ticks(feed.cursor.intended_ns());
      if (intended >= window.end) return;
      const std::uint64_t now = feed.pacer.wait_until(intended);
      look_for_news(feed, window);
      if (feed.pacer.stopped()) return;
      recorder.offered(op.kind, op.client, intended);
      if (intended >= window.measure) ++measured;
      if (now >= window.end) {  // was due and never started
        feed.flows.system.passed(intended, Window::kNever, false);
        continue;
      }
      feed.submit(&op, op.client, intended, now);
      feed.submit_receives();
    }
  }

  // Each client for itself: an answer, a think time, the next operation.
  void drive_thinking(Feed& feed, Window& window) {
    ThinkingClients clients((*input_.drivers)[feed.index], input_.trace->repeats, input_.options.think,
                            input_.options.seed, input_.clock);
    std::vector<ThinkingClients::Turn> waiting(input_.trace->clients / driver_count() + 1);
    const auto think = [&](std::uint32_t place, std::uint64_t ended) {
      const std::uint64_t next = clients.think(waiting[place], ended);
      if (next != 0) feed.flows.think.passed(ended, next, window.measures(ended, next));
    };
    clients.start(window.start);
    feed.free_since = window.start;
    std::size_t left = clients.size();
    for (std::uint64_t measured = 0; left > 0 && measured < feed.quota;) {
      look_for_news(feed, window);
      shared_.returns[feed.index]->drain(
          [&](std::uint32_t place, std::uint64_t ended) { think(place, ended); });
      const std::uint64_t now = input_.clock.now();
      if (now >= window.end || feed.pacer.stopped()) break;
      const std::uint64_t due = clients.empty() ? Window::kNever : clients.top().due;
      if (due > now) {  // not for long: somebody may be answered meanwhile
        feed.pacer.wait_until(std::min({due, window.end, now + input_.clock.to_ticks(kLookAgainNs)}));
        continue;
      }
      const ThinkingClients::Turn turn = clients.take();
      const Op& op = clients.op(turn);
      waiting[op.client / driver_count()] = turn;
      if (clients.is_last(turn)) --left;
      feed.submit(&op, op.client, due, now);
      if (due >= window.measure) ++measured;
      feed.submit_receives();
    }
    while (!clients.empty()) feed.flows.system.passed(clients.take().due, Window::kNever, false);
  }

  static constexpr double kLookAgainNs = 20'000;

  [[nodiscard]] unsigned driver_count() const noexcept {
    return static_cast<unsigned>(shared_.drivers.size());
  }

  const TrialInput& input_;
  PooledDesks shared_;
  std::unique_ptr<pool::WorkerPool> pool_;
  std::deque<pool::Strand> strands_;  // destroyed before the pool; a deque, since strands cannot move
};

}  // namespace crosstalk::harness
