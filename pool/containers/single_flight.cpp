#include "pool/containers/single_flight.h"

#include <mutex>
#include <stdexcept>

namespace crosstalk::pool {

namespace {

// Guards SingleFlight::leader_ and Leader::waits_for of all flights: a circle may lead through several caches.
std::mutex flight_graph;  // held for a few steps of a chain, never while anything of the user's runs

}  // namespace

SingleFlight::Leader& SingleFlight::this_thread() noexcept {
  thread_local Leader leader;
  return leader;
}

bool SingleFlight::landed() const noexcept {
  // (1) - acquire: synchronizes with the leader's store (2), so that the result is seen.
  return landed_.load(std::memory_order_acquire);
}

SingleFlight::Leading::Leading(SingleFlight& flight) noexcept : flight_(flight) {
  Leader& me = this_thread();
  ++me.leads;
  const std::lock_guard hold(flight_graph);
  flight_.leader_ = &me;
}

SingleFlight::Leading::~Leading() {
  --this_thread().leads;
  {
    const std::lock_guard hold(flight_graph);
    flight_.leader_ = nullptr;
  }
  // (2) - release: synchronizes with (1).
  flight_.landed_.store(true, std::memory_order_release);
  flight_.landing_.notify_all();
}

void SingleFlight::begin_wait(Leader& me) {
  const std::lock_guard hold(flight_graph);
  // Each leader waits for one flight at most, so this is a chain; it has no circle yet, as none was let in.
  for (const SingleFlight* flight = this; flight != nullptr && flight->leader_ != nullptr;) {
    if (flight->leader_ == &me) {
      throw std::logic_error("single flight: a loader needs the value that it is loading");
    }
    flight = flight->leader_->waits_for;
  }
  me.waits_for = this;
}

void SingleFlight::wait() {
  Leader& me = this_thread();
  const bool leads = me.leads != 0;
  if (leads) begin_wait(me);
  landing_.await([this] { return landed(); });
  if (leads) {
    const std::lock_guard hold(flight_graph);
    me.waits_for = nullptr;
  }
}

}  // namespace crosstalk::pool
