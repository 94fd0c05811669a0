// What became of one operation.
#pragma once

#include <cstdint>

#include "harness/clock.h"

namespace crosstalk::harness {

// Instants in ticks, 0 where nothing was timed.
struct Issued {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t first = 0;  // the message lay in the first recipient's inbox; 0: it had none
  std::uint64_t last = 0;   // in every recipient's
  std::uint64_t recipients = 0;
  bool error = false;  // the server refused it
};

// Stamps a post's way through the inboxes.
class DeliveryStamps {
 public:
  DeliveryStamps(const Clock& clock, Issued& issued) noexcept : clock_(clock), issued_(issued) {}
  void first() noexcept { issued_.first = clock_.now(); }
  void last() noexcept { issued_.last = clock_.now(); }

 private:
  const Clock& clock_;
  Issued& issued_;
};

}  // namespace crosstalk::harness
