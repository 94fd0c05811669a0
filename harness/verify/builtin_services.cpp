// Our event bus, pool of connections and event count, as the verifier calls them.
#include <memory>
#include <utility>

#include "harness/verify/component.h"
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

class OurEvents final : public EventsOnTrial {
 public:
  void await(const std::function<bool()>& done) override { events_.await(done); }
  void notify() override { events_.notify_one(); }

 private:
  pool::EventCount events_;
};

Component bus_component(const char* name, pool::Dispatch dispatch, pool::BusContract contract) {
  return {.name = name,
          .promises = contract.sender_order ? "each event once, a sender's in order" : "each event once",
          .cases = bus_cases({[dispatch] { return std::make_unique<OurBus>(dispatch); }, contract})};
}

}  // namespace

void add_builtin_services(std::vector<Component>& all) {
  all.push_back(bus_component("bus/inlined", pool::Dispatch::inlined, pool::kInlineBusContract));
  all.push_back(bus_component("bus/pooled", pool::Dispatch::pooled, pool::kPooledBusContract));
  all.push_back(bus_component("bus/thread", pool::Dispatch::thread, pool::kThreadBusContract));
  all.push_back(
      {.name = "connections/connection_pool",
       .promises = "at most max lent, no permit lost",
       .cases = connection_cases({[](unsigned most) { return std::make_unique<OurConnections>(most); },
                                  pool::kConnectionPoolContract})});
  all.push_back({.name = "sync/event_count",
                 .promises = "no notification lost",
                 .cases = event_cases({[] { return std::make_unique<OurEvents>(); }})});
}

}  // namespace crosstalk::harness::verify
