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
  std::uint64_t first = 0;   // the message lay in the first recipient's inbox; 0: it had none
  std::uint64_t median = 0;  // in those of half the recipients; 0: nobody asked
  std::uint64_t last = 0;    // in every recipient's
  std::uint64_t recipients = 0;
  bool error = false;  // the server refused it
};

// Stamps a post's way through the inboxes.
class DeliveryStamps {
 public:
  DeliveryStamps(const Clock& clock, Issued& issued) noexcept : clock_(clock), issued_(issued) {}
  // Valid as long as this is.
  [[nodiscard]] pool::PostWatch watch(bool median) noexcept {
    pool::PostWatch watch;
    watch.delivered = &delivered;
    watch.context = this;
    watch.median = median;
    return watch;
  }
  static void delivered(void* self, std::uint64_t /*mark*/, pool::Placed placed) noexcept {
    const auto& stamps = *static_cast<const DeliveryStamps*>(self);
    const std::uint64_t now = stamps.clock_.now();
    if (placed == pool::Placed::first) stamps.issued_.first = now;
    if (placed == pool::Placed::median) stamps.issued_.median = now;
    if (placed == pool::Placed::last) stamps.issued_.last = now;
  }

 private:
  const Clock& clock_;
  Issued& issued_;
};

}  // namespace crosstalk::harness
