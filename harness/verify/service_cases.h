// How an event bus, a pool of connections, an event count and rooms with transfers between them are tried. They are called through
// virtual functions: their operations are not what is measured here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "harness/verify/case_run.h"
#include "pool/contracts.h"

namespace crosstalk::harness::verify {

struct BusEvent {
  std::uint64_t sender = 0;
  std::uint64_t number = 0;
};

class BusOnTrial {
 public:
  class Subscriber {
   public:
    virtual ~Subscriber() = default;
    virtual void unsubscribe() = 0;
  };
  virtual ~BusOnTrial() = default;
  [[nodiscard]] virtual std::unique_ptr<Subscriber> subscribe(
      std::function<void(const BusEvent&)> callback) = 0;
  virtual void publish(const BusEvent& event) = 0;
  // Returns when everything that was published has been delivered; nobody publishes meanwhile.
  virtual void settle() = 0;
  // Callbacks that threw.
  [[nodiscard]] virtual std::uint64_t failed() const = 0;
};
struct AnyBus {
  std::function<std::unique_ptr<BusOnTrial>()> make;
  pool::BusContract contract;
};

class ConnectionsOnTrial {
 public:
  virtual ~ConnectionsOnTrial() = default;
  // The number of a connection, from 0 on; -1 if the time passed first.
  [[nodiscard]] virtual int acquire(std::chrono::nanoseconds time) = 0;
  virtual void give_back(int connection) = 0;
};
struct AnyConnections {
  std::function<std::unique_ptr<ConnectionsOnTrial>(unsigned most)> make;
  pool::ConnectionPoolContract contract;
};

// A pool of connections whose connections can break and which can be closed. Contract: what the factory throws comes to who asked, and
// the permit goes back; a dead connection is replaced before it is lent; a lease that an exception ends is given back; who waits
// when the pool is closed is told so, as is everybody who comes later.
class BreakableConnections : public ConnectionsOnTrial {
 public:
  static constexpr int kClosed = -2;  // of acquire()
  // A lease that lasts until what `work` throws comes out.
  virtual void use(const std::function<void()>& work) = 0;
  virtual void close() = 0;
};
struct AnyBreakableConnections {
  struct Faults {
    std::function<void()> opening = [] {};                      // called by the factory; may throw
    std::function<bool(int)> valid = [](int) { return true; };  // whether this connection may be lent
  };
  std::function<std::unique_ptr<BreakableConnections>(unsigned most, Faults faults)> make;
};

// Turns a look at a state into a wait that loses no wake-up.
class EventsOnTrial {
 public:
  virtual ~EventsOnTrial() = default;
  virtual void await(const std::function<bool()>& done) = 0;
  virtual void notify() = 0;
  virtual void notify_all() = 0;
};
struct AnyEvents {
  std::function<std::unique_ptr<EventsOnTrial>()> make;
};

// Several rooms; a transfer works on two of them at once.
class RoomsOnTrial {
 public:
  virtual ~RoomsOnTrial() = default;
  virtual void transfer(unsigned from, unsigned to) = 0;
};
struct AnyRooms {
  std::function<std::unique_ptr<RoomsOnTrial>(unsigned rooms)> make;
};

[[nodiscard]] std::vector<VerifyCase> bus_cases(const AnyBus& any);                 // bus_cases.cpp
void drill_bus(CaseRun& run, const AnyBus& any);                                    // bus_faults.cpp
void churn_bus(CaseRun& run, const AnyBus& any);                                    // bus_faults.cpp
[[nodiscard]] std::vector<VerifyCase> connection_cases(const AnyConnections& any);  // connection_cases.cpp
[[nodiscard]] std::vector<VerifyCase> breakable_cases(
    const AnyBreakableConnections& any);                                  // connection_faults.cpp
[[nodiscard]] std::vector<VerifyCase> event_cases(const AnyEvents& any);  // waiting_cases.cpp
[[nodiscard]] std::vector<VerifyCase> room_cases(const AnyRooms& any);

}  // namespace crosstalk::harness::verify
