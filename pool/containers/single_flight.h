// single_flight: one load under way, which several threads wait for and one of them, its leader, carries out.
//
//   state_:  flying -> landed      once; what was stored before finish() is seen by whoever returns from wait()
//
// Who waits for a flight of its own, directly or through the leaders of other flights, would wait for ever: wait() finds
// that out and throws std::logic_error instead. Only a thread that leads a flight can close such a circle, so only those
// take the lock of the graph of waits, and each finish() does once.
//
// Progress: wait() blocks until the leader finishes; all else is short. A flight outlives its leader's Leading and all
// who wait: they own it together.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/sync/event_count.h"

namespace crosstalk::pool {

class SingleFlight {
 public:
  SingleFlight() = default;
  SingleFlight(const SingleFlight&) = delete;
  SingleFlight& operator=(const SingleFlight&) = delete;

  // Makes this thread the leader of the flight for as long as the object lives, and finishes the flight at its end.
  class Leading {
   public:
    explicit Leading(SingleFlight& flight) noexcept;
    Leading(const Leading&) = delete;
    Leading& operator=(const Leading&) = delete;
    ~Leading();

   private:
    SingleFlight& flight_;
  };

  // Until the flight has landed. Throws std::logic_error where that would be never.
  void wait();

 private:
  // A thread that leads flights: what it waits for itself, guarded by the lock of the graph.
  struct Leader {
    SingleFlight* waits_for = nullptr;
    unsigned leads = 0;  // only touched by the thread itself
  };

  static Leader& this_thread() noexcept;
  void begin_wait(Leader& me);
  [[nodiscard]] bool landed() const noexcept;

  std::atomic<bool> landed_{false};
  Leader* leader_ = nullptr;  // guarded by the lock of the graph; null once landed
  EventCount landing_;
};

}  // namespace crosstalk::pool
