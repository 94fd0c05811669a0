// A request on its way through the thread pool, and what it finds at its end.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "harness/anatomy_taker.h"
#include "harness/clock.h"
#include "harness/flow_meter.h"
#include "harness/recorder.h"
#include "harness/repeat.h"
#include "harness/return_list.h"
#include "harness/server_under_test.h"
#include "harness/trial_services.h"
#include "pool/cache_line.h"
#include "pool/executor/thread_pool.h"
#include "pool/locks/ttas_lock.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// Shared by a driver and the workers that do its requests.
struct alignas(pool::kCacheLine) DriverShare {
  std::atomic<std::uint32_t> done{0};       // requests run or refused
  std::atomic<std::uint64_t> delivered{0};  // deliveries that its posts caused, not yet taken into account
};

// What a full queue refused or dropped, whoever did: under a lock, since that may be any thread.
struct Withdrawn {
  pool::TtasLock lock;
  Window window;
  Flows flows;
  std::array<std::uint64_t, workloads::kOpKindCount> rejected{};  // that were meant for the measured phase

  void start(const Window& begun) noexcept {
    window = begun;
    flows.start(begun);
  }
};

// Where requests are done and recorded: a desk and a recorder a worker, then one a driver.
struct PooledDesks {
  Clock clock;
  ServerUnderTest& server;
  const std::vector<std::unique_ptr<Recorder>>& recorders;
  TrialServices& services;
  std::size_t workers;
  std::vector<DriverShare> drivers;
  std::vector<Flows> flows;             // of each desk
  std::vector<AnatomyTaker> anatomies;  // of each desk
  const WindowSwitch& news;
  Withdrawn withdrawn{};
  std::vector<std::unique_ptr<ReturnList>> returns{};  // with think time: of each driver; else empty

  // By the thread whose desk it is.
  void adopt_news(std::size_t place) noexcept {
    if (recorders[place]->window().measure != Window::kNever) [[likely]]
      return;
    Window window = recorders[place]->window();
    if (!news.inform(window)) return;
    recorders[place]->adopt(window);
    flows[place].start(window);
  }
  [[nodiscard]] std::size_t desk_of_driver(unsigned driver) const noexcept { return workers + driver; }
  void request_done(unsigned driver) noexcept {
    std::atomic<std::uint32_t>& done = drivers[driver].done;
    // release: pairs with the acquire in wait_until_below().
    done.fetch_add(1, std::memory_order_release);
    done.notify_one();
  }
  // Waits until fewer than `limit` of the requests that a driver has submitted are under way.
  void wait_until_below(unsigned driver, std::uint32_t submitted, std::uint32_t limit) const {
    constexpr int kSpins = 100;
    const std::atomic<std::uint32_t>& done = drivers[driver].done;
    // acquire: pairs with the release in request_done(); what a request wrote is visible when it counts as done.
    std::uint32_t seen = done.load(std::memory_order_acquire);
    for (int spins = 0; submitted - seen >= limit; ++spins) {
      // acquire: as above.
      spins < kSpins ? pool::cpu_relax() : done.wait(seen, std::memory_order_acquire);
      seen = done.load(std::memory_order_acquire);
    }
  }
  // A client of the driver was answered, or refused: it begins to think. Not for receives, which nobody waits for.
  void give_back(unsigned driver, std::uint32_t client, std::uint64_t ended) noexcept {
    if (!returns.empty()) returns[driver]->push(client / static_cast<std::uint32_t>(drivers.size()), ended);
  }
};

// A request under way. Whatever becomes of it, `done` is counted exactly once: by running, or by being destroyed.
class PooledRequest {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  PooledRequest(PooledDesks* shared, const Op* op, std::uint32_t client, unsigned driver,
                std::uint64_t intended, std::uint64_t submitted, std::uint64_t free_since,
                RepeatOf repeat) noexcept
      : shared_(shared),
        op_(op),
        client_(client),
        driver_(static_cast<std::uint16_t>(driver)),
        repeat_(repeat),
        intended_(intended),
        submitted_(submitted),
        could_start_(std::max(intended, free_since)) {}
  PooledRequest(PooledRequest&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)),
        op_(other.op_),
        client_(other.client_),
        driver_(other.driver_),
        repeat_(other.repeat_),
        intended_(other.intended_),
        submitted_(other.submitted_),
        could_start_(other.could_start_) {}
  PooledRequest& operator=(PooledRequest&&) = delete;
  ~PooledRequest() {
    if (shared_ == nullptr) return;
    withdraw();
    shared_->request_done(driver_);
  }

  void operator()() {
    PooledDesks& shared = *std::exchange(shared_, nullptr);
    struct Done {
      PooledDesks& shared;
      unsigned driver;
      ~Done() { shared.request_done(driver); }
    } const done{shared, driver_};
    const int worker = pool::ThreadPool::current_worker();
    const std::size_t desk = worker >= 0 ? static_cast<std::size_t>(worker) : shared.desk_of_driver(driver_);
    run(desk, shared);
  }

 private:
  [[nodiscard]] Kind kind() const noexcept { return op_ == nullptr ? Kind::receive : op_->kind; }

  void withdraw() noexcept {
    const std::uint64_t now = shared_->clock.now();
    {
      Withdrawn& withdrawn = shared_->withdrawn;
      const std::scoped_lock guard(withdrawn.lock);
      if (shared_->news.inform(withdrawn.window)) withdrawn.flows.start(withdrawn.window);
      withdrawn.flows.system.ended(intended_, now, false);
      withdrawn.flows.service.ended(submitted_, now, false);
      withdrawn.flows.queue.ended(submitted_, now, false);
      if (intended_ >= withdrawn.window.measure) ++withdrawn.rejected[static_cast<std::size_t>(kind())];
    }
    if (op_ != nullptr) shared_->give_back(driver_, client_, now);
  }

  void run(std::size_t place, PooledDesks& shared) {
    Recorder& recorder = *shared.recorders[place];
    shared.adopt_news(place);
    const workloads::Fault fault = op_ == nullptr ? workloads::Fault::none : op_->fault;
    AnatomyTaker& anatomy = shared.anatomies[place];
    if (anatomy.on()) [[unlikely]]
      anatomy.begin();
    const std::uint64_t begun = shared.clock.now();
    shared.services.begin(fault);
    Issued issued = op_ == nullptr ? shared.server.receive(place, client_, intended_)
                                   : shared.server.request(place, *op_, intended_);
    issued.error |= fault == workloads::Fault::thrown;
    record(issued, recorder, begun, anatomy);
    note_flow(issued, begun, recorder.window(), shared.flows[place]);
    note_deliveries(shared, issued);
    if (repeat_ != RepeatOf::nothing) [[unlikely]]
      repeat(place, shared, recorder.window().measures(intended_, issued.ended));
    if (op_ != nullptr) shared.give_back(driver_, client_, issued.ended);
    if (fault != workloads::Fault::thrown) return;
    ++shared.server.counts(place).thrown;
    throw InjectedFault();
  }
  // Where the pool is what is repeated, the driver has done it.
  void repeat(std::size_t place, PooledDesks& shared, bool measured) const {
    if (repeat_ != RepeatOf::pool) shared.server.repeat(place, repeat_, *op_);
    if (measured) shared.recorders[place]->repeated();
  }
  void record(const Issued& issued, Recorder& recorder, std::uint64_t begun, AnatomyTaker& anatomy) const {
    const Sample sample{.kind = kind(),
                        .client = client_,
                        .intended = intended_,
                        .started = submitted_,
                        .ended = issued.ended,
                        .lateness = submitted_ - std::min(could_start_, submitted_),
                        .error = issued.error};
    recorder.record(sample);
    if (anatomy.on()) [[unlikely]] {
      const bool measured = recorder.window().measures(intended_, issued.ended);
      // For the driver that was blocked by a full queue, and for a worker.
      recorder.anatomize(sample, begun - intended_ - sample.lateness, anatomy.end(measured));
    }
    if (!recorder.window().measures(intended_, issued.ended)) return;
    recorder.queued(kind(), begun - submitted_);
    if (issued.first != 0) recorder.delivery(issued, intended_);
  }
  void note_flow(const Issued& issued, std::uint64_t begun, const Window& window, Flows& flows) const {
    const bool measured = window.measures(intended_, issued.ended);
    flows.system.ended(intended_, issued.ended, measured);
    flows.service.ended(submitted_, issued.ended, measured);
    flows.queue.ended(submitted_, begun, measured);
  }
  void note_deliveries(PooledDesks& shared, const Issued& issued) const {
    if (op_ == nullptr || issued.recipients == 0) return;
    // relaxed: a count; when the driver sees it does not matter.
    shared.drivers[driver_].delivered.fetch_add(issued.recipients, std::memory_order_relaxed);
  }

  PooledDesks* shared_;
  const Op* op_;  // null: a receive of client_
  std::uint32_t client_;
  std::uint16_t driver_;
  RepeatOf repeat_;
  std::uint64_t intended_;
  std::uint64_t submitted_;
  std::uint64_t could_start_;
};

// A task that does nothing, beside a request: see repeat.h. Counted as done once, as a request is.
class PooledRepeat {
 public:
  PooledRepeat(PooledDesks* shared, unsigned driver) noexcept : shared_(shared), driver_(driver) {}
  PooledRepeat(PooledRepeat&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)), driver_(other.driver_) {}
  PooledRepeat& operator=(PooledRepeat&&) = delete;
  ~PooledRepeat() {
    if (shared_ != nullptr) shared_->request_done(driver_);
  }
  void operator()() noexcept { std::exchange(shared_, nullptr)->request_done(driver_); }

 private:
  PooledDesks* shared_;
  unsigned driver_;
};

}  // namespace crosstalk::harness
