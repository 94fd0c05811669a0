// Our event bus, pool of connections and event count, as the verifier calls them.
#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "harness/verify/component.h"
#include "harness/verify/pool_faults.h"
#include "harness/verify/service_cases.h"
#include "pool/events/event_bus.h"
#include "pool/executor/thread_pool.h"
#include "pool/resources/connection_pool.h"
#include "pool/sync/event_count.h"

namespace crosstalk::harness::verify {

namespace {

class OurBus final : public BusOnTrial {
 public:
  explicit OurBus(pool::Dispatch dispatch)
      : dispatch_(dispatch),
        workers_(pool::PoolOptions::fixed(2)),
        bus_({.executor = &workers_}),
        topic_("events") {}

  std::unique_ptr<Subscriber> subscribe(std::function<void(const BusEvent&)> callback) override {
    return std::make_unique<Token>(bus_.subscribe(topic_, std::move(callback), dispatch_));
  }
  void publish(const BusEvent& event) override { bus_.publish(topic_, event); }
  void settle() override {
    for (;;) {
      const pool::BusStats stats = bus_.stats();
      if (stats.queued == stats.started + stats.dropped + stats.rejected && stats.live_threads == 0) break;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    workers_.wait_idle();
  }
  std::uint64_t failed() const override { return bus_.stats().failed; }

 private:
  class Token final : public Subscriber {
   public:
    explicit Token(pool::EventBus::Token token) : token_(std::move(token)) {}
    void unsubscribe() override { token_.unsubscribe(); }

   private:
    pool::EventBus::Token token_;
  };

  const pool::Dispatch dispatch_;
  pool::ThreadPool workers_;
  pool::EventBus bus_;
  const pool::Topic<BusEvent> topic_;
};

// Numbered as they are opened.
struct Connection {
  // relaxed: the number alone counts.
  int number = static_cast<int>(next.fetch_add(1, std::memory_order_relaxed) % 64);
  static inline std::atomic<unsigned> next{0};
};

class OurConnections final : public ConnectionsOnTrial {
 public:
  explicit OurConnections(unsigned most)
      : pool_({.min = 1, .max = most}, [] { return std::make_unique<Connection>(); }), held_(64) {}

  int acquire(std::chrono::nanoseconds time) override {
    auto lease = pool_.acquire_for(time);
    if (!lease) return -1;
    const int number = lease->number;
    Place& place = held_[static_cast<std::size_t>(number)];
    // A second holder of a connection would find it taken; it must not touch the first one's lease.
    // acq_rel: pairs with the release in give_back().
    if (!place.taken.exchange(true, std::memory_order_acq_rel)) place.lease = std::move(lease);
    return number;
  }
  void give_back(int connection) override {
    Place& place = held_[static_cast<std::size_t>(connection)];
    auto lease = std::move(place.lease);
    // release: pairs with the acquire in acquire(). Before the connection is lent again.
    place.taken.store(false, std::memory_order_release);
    lease.give_back();
  }

 private:
  struct Place {
    std::atomic<bool> taken{false};
    pool::ConnectionPool<Connection>::Lease lease;
  };
  pool::ConnectionPool<Connection> pool_;
  std::vector<Place> held_;
};

// Numbered as they are opened, and lent as they are: the leases stand in a list.
class OurBreakable final : public BreakableConnections {
 public:
  OurBreakable(unsigned most, const AnyBreakableConnections::Faults& faults)
      : next_(std::make_shared<std::atomic<int>>(0)),
        pool_(
            {.min = 0, .max = most},
            [next = next_, opening = faults.opening] {
              opening();
              // relaxed: the number alone counts.
              return std::make_unique<int>(next->fetch_add(1, std::memory_order_relaxed));
            },
            [valid = faults.valid](const int& number) { return valid(number); }) {}

  int acquire(std::chrono::nanoseconds time) override {
    auto lease = pool_.acquire_for(time);
    if (!lease) return lease.status() == pool::AcquireStatus::closed ? kClosed : -1;
    const int number = *lease;
    const std::lock_guard guard(mutex_);
    leases_.push_back(std::move(lease));
    return number;
  }
  void give_back(int connection) override {
    pool::ConnectionPool<int>::Lease lease;
    const std::lock_guard guard(mutex_);
    const auto found = std::find_if(leases_.begin(), leases_.end(),
                                    [connection](const auto& one) { return *one == connection; });
    lease = std::move(*found);
    leases_.erase(found);
  }
  void use(const std::function<void()>& work) override {
    const auto lease = pool_.acquire();
    work();
  }
  void close() override { pool_.close(); }

 private:
  const std::shared_ptr<std::atomic<int>> next_;
  pool::ConnectionPool<int> pool_;
  std::mutex mutex_;  // guards the leases
  std::vector<pool::ConnectionPool<int>::Lease> leases_;
};

// Our pool with all that it can do.
class OurFaultPool final : public PoolWithFaults {
 public:
  explicit OurFaultPool(const pool::PoolOptions& options) : pool_(options) {}
  void submit(Watched watched) override {
    pool::TaskOptions options;
    if (watched.timeout.count() != 0) options.timeout = watched.timeout;
    options.on_error = std::move(watched.on_error);
    if (!watched.on_success) watched.on_success = [] {};
    pool_.submit(std::move(watched.task), std::move(options), std::move(watched.on_success));
  }
  std::size_t shutdown_now() override { return pool_.shutdown_now().size(); }
  pool::WorkerPool& pool() override { return pool_; }

 private:
  pool::ThreadPool pool_;
};

class OurEvents final : public EventsOnTrial {
 public:
  void await(const std::function<bool()>& done) override { events_.await(done); }
  void notify() override { events_.notify_one(); }
  void notify_all() override { events_.notify_all(); }

 private:
  pool::EventCount events_;
};

Component bus_component(const char* name, pool::Dispatch dispatch, pool::BusContract contract) {
  return {.name = name,
          .promises = contract.sender_order ? "each event once, a sender's in order" : "each event once",
          .cases = bus_cases({[dispatch] { return std::make_unique<OurBus>(dispatch); }, contract})};
}

// Our pool stands in the catalog, with what every pool promises; here it gets what it promises beside that.
void add_pool_faults(std::vector<Component>& all) {
  const auto ours =
      std::find_if(all.begin(), all.end(), [](const Component& one) { return one.name == "pool/crosstalk"; });
  if (ours == all.end()) return;
  ours->promises += ", faults are counted and harm nobody";
  for (VerifyCase& one : pool_fault_cases(
           {[](const pool::PoolOptions& options) { return std::make_unique<OurFaultPool>(options); }}))
    ours->cases.push_back(std::move(one));
}

std::vector<VerifyCase> connection_pool_cases() {
  std::vector<VerifyCase> cases = connection_cases(
      {[](unsigned most) { return std::make_unique<OurConnections>(most); }, pool::kConnectionPoolContract});
  for (VerifyCase& one : breakable_cases({[](unsigned most, const AnyBreakableConnections::Faults&faults) {
         return std::make_unique<OurBreakable>(most, faults);
       }}))
    cases.push_back(std::move(one));
  return cases;
}

}  // namespace

void add_builtin_services(std::vector<Component>& all) {
  add_pool_faults(all);
  all.push_back(bus_component("bus/inlined", pool::Dispatch::inlined, pool::kInlineBusContract));
  all.push_back(bus_component("bus/pooled", pool::Dispatch::pooled, pool::kPooledBusContract));
  all.push_back(bus_component("bus/thread", pool::Dispatch::thread, pool::kThreadBusContract));
  all.push_back({.name = "connections/connection_pool",
                 .promises = "at most max lent, no permit lost, dead ones replaced, waiters told of the end",
                 .cases = connection_pool_cases()});
  all.push_back({.name = "sync/event_count",
                 .promises = "no notification lost",
                 .cases = event_cases({[] { return std::make_unique<OurEvents>(); }})});
}

}  // namespace crosstalk::harness::verify
