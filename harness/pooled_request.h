// A request on its way through the thread pool, and what it finds at its end.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "harness/clock.h"
#include "harness/issuer.h"
#include "harness/recorder.h"
#include "harness/trial_services.h"
#include "pool/cache_line.h"
#include "pool/executor/thread_pool.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// Shared by a driver and the workers that do its requests.
struct alignas(pool::kCacheLine) DriverShare {
  std::atomic<std::uint32_t> done{0};       // requests run or refused
  std::atomic<std::uint64_t> delivered{0};  // deliveries that its posts caused, not yet taken into account
};

// Where requests are done and recorded: a desk and a recorder a worker, then one a driver.
template <pool::ChatOperations S>
struct PooledDesks {
  Clock clock;
  std::vector<std::unique_ptr<Issuer<S, true>>>& desks;
  const std::vector<std::unique_ptr<Recorder>>& recorders;
  TrialServices& services;
  std::size_t workers;
  std::vector<DriverShare> drivers;

  [[nodiscard]] std::size_t desk_of_driver(unsigned driver) const noexcept { return workers + driver; }
  void request_done(unsigned driver) noexcept {
    std::atomic<std::uint32_t>& done = drivers[driver].done;
    // release: pairs with the acquire in PooledPath::Feed::wait_until_below().
    done.fetch_add(1, std::memory_order_release);
    done.notify_one();
  }
};

// A request under way. Whatever becomes of it, `done` is counted exactly once: by running, or by being destroyed.
template <pool::ChatOperations S>
class PooledRequest {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  PooledRequest(PooledDesks<S>* shared, const Op* op, std::uint32_t client, unsigned driver,
                std::uint64_t intended, std::uint64_t submitted, std::uint64_t free_since) noexcept
      : shared_(shared),
        op_(op),
        client_(client),
        driver_(driver),
        intended_(intended),
        submitted_(submitted),
        could_start_(std::max(intended, free_since)) {}
  PooledRequest(PooledRequest&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)),
        op_(other.op_),
        client_(other.client_),
        driver_(other.driver_),
        intended_(other.intended_),
        submitted_(other.submitted_),
        could_start_(other.could_start_) {}
  PooledRequest& operator=(PooledRequest&&) = delete;
  ~PooledRequest() {
    if (shared_ == nullptr) return;
    shared_->recorders[shared_->desk_of_driver(driver_)]->rejected(kind(), intended_);
    shared_->request_done(driver_);
  }

  void operator()() {
    PooledDesks<S>& shared = *std::exchange(shared_, nullptr);
    struct Done {
      PooledDesks<S>& shared;
      unsigned driver;
      ~Done() { shared.request_done(driver); }
    } const done{shared, driver_};
    const int worker = pool::ThreadPool::current_worker();
    const std::size_t desk = worker >= 0 ? static_cast<std::size_t>(worker) : shared.desk_of_driver(driver_);
    run(*shared.desks[desk], *shared.recorders[desk], shared);
  }

 private:
  [[nodiscard]] Kind kind() const noexcept { return op_ == nullptr ? Kind::receive : op_->kind; }

  void run(Issuer<S, true>& desk, Recorder& recorder, PooledDesks<S>& shared) {
    const workloads::Fault fault = op_ == nullptr ? workloads::Fault::none : op_->fault;
    const std::uint64_t begun = shared.clock.now();
    shared.services.begin(fault);
    desk.set_intended(intended_);
    Issued issued = op_ == nullptr ? desk.receive(client_) : desk.issue(*op_);
    issued.error |= fault == workloads::Fault::thrown;
    record(issued, recorder, begun);
    note_deliveries(shared, issued);
    if (fault != workloads::Fault::thrown) return;
    ++desk.counts().thrown;
    throw InjectedFault();
  }
  void record(const Issued& issued, Recorder& recorder, std::uint64_t begun) const {
    recorder.record({.kind = kind(),
                     .client = client_,
                     .intended = intended_,
                     .started = submitted_,
                     .ended = issued.ended,
                     .lateness = submitted_ - std::min(could_start_, submitted_),
                     .error = issued.error});
    if (!recorder.window().measures(intended_, issued.ended)) return;
    recorder.queued(kind(), begun - submitted_);
    if (issued.first != 0) recorder.delivery(issued.first - intended_, issued.last - intended_);
  }
  void note_deliveries(PooledDesks<S>& shared, const Issued& issued) const {
    if (op_ == nullptr || issued.recipients == 0) return;
    // relaxed: a count; when the driver sees it does not matter.
    shared.drivers[driver_].delivered.fetch_add(issued.recipients, std::memory_order_relaxed);
  }

  PooledDesks<S>* shared_;
  const Op* op_;  // null: a receive of client_
  std::uint32_t client_;
  unsigned driver_;
  std::uint64_t intended_;
  std::uint64_t submitted_;
  std::uint64_t could_start_;
};

}  // namespace crosstalk::harness
