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
#include "harness/recorder.h"
#include "pool/cache_line.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

[[nodiscard]] constexpr pool::Priority priority_of(workloads::OpKind kind) noexcept {
  using Kind = workloads::OpKind;
  switch (kind) {
    case Kind::disconnect:
    case Kind::kick:
      return pool::Priority::urgent;
    case Kind::post:
    case Kind::direct:
      return pool::Priority::high;
    case Kind::join:
    case Kind::leave:
    case Kind::move:
    case Kind::receive:
      return pool::Priority::normal;
    default:
      return pool::Priority::low;
  }
}

template <pool::ChatOperations S>
class PooledPath {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;
  using Desk = Issuer<S, true>;

  // `desks` and `recorders`: one a worker, then one a driver.
  PooledPath(const TrialInput& input, std::vector<std::unique_ptr<Desk>>& desks,
             const std::vector<std::unique_ptr<Recorder>>& recorders)
      : input_(input),
        desks_(desks),
        recorders_(recorders),
        drivers_(input.drivers->size()),
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
  }

 private:
  // Shared by a driver and the workers that do its requests.
  struct alignas(pool::kCacheLine) Driver {
    std::atomic<std::uint32_t> done{0};       // requests run or refused
    std::atomic<std::uint64_t> delivered{0};  // deliveries that its posts caused, not yet taken into account
  };

  // A request under way. Whatever becomes of it, `done` is counted exactly once: by running, or by being destroyed.
  class Request {
   public:
    Request(PooledPath* path, const Op* op, std::uint32_t client, unsigned driver, std::uint64_t intended,
            std::uint64_t submitted, std::uint64_t free_since) noexcept
        : path_(path),
          op_(op),
          client_(client),
          driver_(driver),
          intended_(intended),
          submitted_(submitted),
          could_start_(std::max(intended, free_since)) {}
    Request(Request&& other) noexcept
        : path_(std::exchange(other.path_, nullptr)),
          op_(other.op_),
          client_(other.client_),
          driver_(other.driver_),
          intended_(other.intended_),
          submitted_(other.submitted_),
          could_start_(other.could_start_) {}
    Request& operator=(Request&&) = delete;
    ~Request() {
      if (path_ == nullptr) return;
      path_->recorders_[path_->desk_of_driver(driver_)]->rejected(kind(), intended_);
      path_->request_done(driver_);
    }

    void operator()() {
      PooledPath& path = *std::exchange(path_, nullptr);
      struct Done {
        PooledPath& path;
        unsigned driver;
        ~Done() { path.request_done(driver); }
      } const done{path, driver_};
      const int worker = pool::ThreadPool::current_worker();
      const std::size_t desk = worker >= 0 ? static_cast<std::size_t>(worker) : path.desk_of_driver(driver_);
      run(*path.desks_[desk], *path.recorders_[desk], path);
    }

   private:
    [[nodiscard]] Kind kind() const noexcept { return op_ == nullptr ? Kind::receive : op_->kind; }

    void run(Desk& desk, Recorder& recorder, PooledPath& path) {
      const std::uint64_t begun = path.input_.clock.now();
      const Issued issued = op_ == nullptr ? desk.receive(client_) : desk.issue(*op_);
      recorder.record({.kind = kind(),
                       .client = client_,
                       .intended = intended_,
                       .started = submitted_,
                       .ended = issued.ended,
                       .lateness = submitted_ - std::min(could_start_, submitted_),
                       .error = issued.error});
      if (!recorder.window().measures(intended_, issued.ended)) return note_deliveries(path, issued);
      recorder.queued(kind(), begun - submitted_);
      if (issued.first != 0) recorder.delivery(issued.first - intended_, issued.last - intended_);
      note_deliveries(path, issued);
    }
    void note_deliveries(PooledPath& path, const Issued& issued) const {
      if (op_ == nullptr || issued.recipients == 0) return;
      // relaxed: a count; when the driver sees it does not matter.
      path.drivers_[driver_].delivered.fetch_add(issued.recipients, std::memory_order_relaxed);
    }

    PooledPath* path_;
    const Op* op_;  // null: a receive of client_
    std::uint32_t client_;
    unsigned driver_;
    std::uint64_t intended_;
    std::uint64_t submitted_;
    std::uint64_t could_start_;
  };
  static_assert(sizeof(Request) <= pool::Task::kInline, "a request must not allocate");

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
      Request request(&path, op, client, index, intended, now, free_since);
      const Kind kind = op == nullptr ? Kind::receive : op->kind;
      path.strands_[client].post(pool::Task(std::move(request)), priority_of(kind));
      free_since = path.input_.clock.now();  // a full queue may have blocked: that is the pool's doing
    }

    void submit_receives() {
      // relaxed: see note_deliveries().
      turn.posted(path.drivers_[index].delivered.exchange(0, std::memory_order_relaxed));
      while (turn.due()) submit(nullptr, turn.take(), free_since, free_since);
    }

    // Waits until fewer than `limit` requests of this driver are under way.
    void wait_until_below(std::uint32_t limit) const {
      std::atomic<std::uint32_t>& done = path.drivers_[index].done;
      // acquire: pairs with the release in request_done(); what a request wrote is visible when it counts as done.
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
    pool::ThreadPool::Options options;
    options.workers = input.options.workers;
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
    Recorder& recorder = *recorders_[desk_of_driver(feed.index)];
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

  void request_done(unsigned driver) noexcept {
    std::atomic<std::uint32_t>& done = drivers_[driver].done;
    // release: pairs with the acquire in wait_until_below().
    done.fetch_add(1, std::memory_order_release);
    done.notify_one();
  }

  [[nodiscard]] unsigned driver_count() const noexcept { return static_cast<unsigned>(drivers_.size()); }
  [[nodiscard]] std::size_t desk_of_driver(unsigned driver) const noexcept {
    return input_.options.workers + driver;
  }

  const TrialInput& input_;
  std::vector<std::unique_ptr<Desk>>& desks_;
  const std::vector<std::unique_ptr<Recorder>>& recorders_;
  std::vector<Driver> drivers_;
  pool::ThreadPool pool_;
  std::deque<pool::Strand> strands_;  // destroyed before the pool; a deque, since strands cannot move
};

}  // namespace crosstalk::harness
