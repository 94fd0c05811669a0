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

#include "harness/direct_driver.h"
#include "harness/issuer.h"
#include "harness/placement.h"
#include "harness/pooled_request.h"
#include "harness/recorder.h"
#include "harness/request_priority.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

template <pool::ChatOperations S>
class PooledPath {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;
  using Desk = Issuer<S, true>;
  using Request = PooledRequest<S>;
  static_assert(sizeof(Request) <= pool::Task::kInline, "a request must not allocate");

  // `desks` and `recorders`: one a worker, then one a driver.
  PooledPath(const TrialInput& input, std::vector<std::unique_ptr<Desk>>& desks,
             const std::vector<std::unique_ptr<Recorder>>& recorders, TrialServices& services)
      : input_(input),
        shared_{input.clock,
                desks,
                recorders,
                services,
                input.options.workers,
                std::vector<DriverShare>(input.drivers->size())},
        pool_(pool_options(input)) {
    for (std::uint32_t client = 0; client < input.trace->clients; ++client) strands_.emplace_back(pool_);
  }

  // Runs driver `index`; returns when the last of its requests is done, and the instant of that.
  std::uint64_t drive(unsigned index, const Window& window) {
    Feed feed(*this, index);
    feed.pacer.wait_until(window.start);
    if (input_.options.open_loop) {
      drive_open(feed, window);
    } else {
      drive_closed(feed, window);
    }
    feed.wait_until_below(1);
    return input_.clock.now();
  }

  // Ends the workers and adds the pool's own account to the books.
  void shutdown(LawCounts& counts) {
    pool_.shutdown();
    const pool::PoolStats stats = pool_.stats();
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
          cursor((*owner.input_.drivers)[driver], owner.input_.trace->lap_ns, owner.input_.trace->repeats),
          turn(driver, owner.driver_count(), owner.input_.trace->clients),
          pacer(owner.input_.clock, owner.input_.options.spin, owner.input_.stop),
          quota(quota_of(owner.input_, driver)),
          allowed(std::max(1U, owner.input_.options.inflight / owner.driver_count())) {}

    void submit(const Op* op, std::uint32_t client, std::uint64_t intended, std::uint64_t now) {
      ++submitted;
      Request request(&path.shared_, op, client, index, intended, now, free_since);
      const Kind kind = op == nullptr ? Kind::receive : op->kind;
      path.strands_[client].post(pool::Task(std::move(request)), priority_of(kind));
      free_since = path.input_.clock.now();  // a full queue may have blocked: that is the pool's doing
    }

    void submit_receives() {
      // relaxed: see PooledRequest::note_deliveries().
      turn.posted(path.shared_.drivers[index].delivered.exchange(0, std::memory_order_relaxed));
      while (turn.due()) submit(nullptr, turn.take(), free_since, free_since);
    }

    // Waits until fewer than `limit` requests of this driver are under way.
    void wait_until_below(std::uint32_t limit) const {
      std::atomic<std::uint32_t>& done = path.shared_.drivers[index].done;
      // acquire: pairs with the release in PooledDesks::request_done(); what a request wrote is visible when it
      // counts as done.
      std::uint32_t seen = done.load(std::memory_order_acquire);
      for (int spins = 0; submitted - seen >= limit; ++spins) {
        if (spins < kSpins) {
          pool::cpu_relax();
        } else {
          // acquire: as above.
          done.wait(seen, std::memory_order_acquire);
        }
        seen = done.load(std::memory_order_acquire);
      }
    }

    static constexpr int kSpins = 100;

    PooledPath& path;
    unsigned index;
    OpCursor cursor;
    ReceiveTurn turn;
    Pacer pacer;
    std::uint64_t quota;
    std::uint32_t allowed;
    std::uint32_t submitted = 0;  // wraps, as `done` does
    std::uint64_t free_since = 0;
  };

  static pool::ThreadPool::Options pool_options(const TrialInput& input) {
    pool::ThreadPool::Options options = pool::ThreadPool::Options::fixed(input.options.workers);
    options.capacity = input.options.queue_capacity;
    options.policy = input.options.queue_policy;
    options.name = "worker";
    options.on_worker_start = [cpus = input.worker_cpus](unsigned index) {
      if (index < cpus.size()) pin_this_thread(cpus[index]);
    };
    return options;
  }

  void drive_closed(Feed& feed, const Window& window) {
    std::uint64_t measured = 0;
    while (!feed.cursor.at_end() && measured < feed.quota) {
      feed.wait_until_below(feed.allowed);
      const std::uint64_t now = input_.clock.now();
      if (now >= window.end || feed.pacer.stopped()) return;
      feed.free_since = now;
      const Op& op = feed.cursor.op();
      feed.submit(&op, op.client, now, now);
      feed.cursor.advance();
      if (now >= window.measure) ++measured;
      feed.submit_receives();
    }
  }

  void drive_open(Feed& feed, const Window& window) {
    Recorder& recorder = *shared_.recorders[shared_.desk_of_driver(feed.index)];
    std::uint64_t measured = 0;
    for (; !feed.cursor.at_end() && measured < feed.quota; feed.cursor.advance()) {
      const Op& op = feed.cursor.op();
      const std::uint64_t intended = window.start + input_.clock.to_ticks(feed.cursor.intended_ns());
      if (intended >= window.end) return;
      const std::uint64_t now = feed.pacer.wait_until(intended);
      if (feed.pacer.stopped()) return;
      recorder.offered(op.kind, op.client, intended);
      if (intended >= window.measure) ++measured;
      if (now >= window.end) continue;  // was due and never started
      feed.submit(&op, op.client, intended, now);
      feed.submit_receives();
    }
  }

  [[nodiscard]] unsigned driver_count() const noexcept {
    return static_cast<unsigned>(shared_.drivers.size());
  }

  const TrialInput& input_;
  PooledDesks<S> shared_;
  pool::ThreadPool pool_;
  std::deque<pool::Strand> strands_;  // destroyed before the pool; a deque, since strands cannot move
};

}  // namespace crosstalk::harness
