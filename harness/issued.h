// What became of one operation.
#pragma once

#include <cstdint>

#include "harness/clock.h"
#include "pool/chat/post_watch.h"

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
  // Valid as long as this is.
  [[nodiscard]] pool::PostWatch watch() noexcept { return {.delivered = &delivered, .context = this}; }
  static void delivered(void* self, std::uint64_t /*mark*/, bool last) noexcept {
    const auto& stamps = *static_cast<const DeliveryStamps*>(self);
    (last ? stamps.issued_.last : stamps.issued_.first) = stamps.clock_.now();
  }

 private:
  const Clock& clock_;
  Issued& issued_;
};

}  // namespace crosstalk::harness
