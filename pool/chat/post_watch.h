// Told what becomes of one post, some of it after post() has returned. The pool keeps no clocks: a harness that wants the
// times passes a watch whose functions read one.
//
// Ownership: a copy goes with the post; what the contexts point at must live until the server has settled.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pool/resources/receipt.h"

namespace crosstalk::pool {

// How far a post has come.
enum class Placed : std::uint8_t {
  first,   // in the first recipient's inbox
  median,  // in those of half of them
  last,    // in every recipient's
};

struct PostWatch {
  // Called as the message comes so far, in this order; not at all if there is no recipient. On the thread that hands the
  // deliveries out.
  void (*delivered)(void* context, std::uint64_t mark, Placed placed) noexcept = nullptr;
  void* context = nullptr;
  std::uint64_t mark = 0;
  bool median = false;  // tell of Placed::median too
  // Called when the message is stored, or is not, if the server has a store. On the store's thread.
  Completion persisted{};

  void tell(Placed placed) const noexcept {
    if (delivered != nullptr) delivered(context, mark, placed);
  }
  // Of `recipients`, the one after which to tell of the median; no index if nobody asks.
  [[nodiscard]] std::size_t median_of(std::size_t recipients) const noexcept {
    return median && recipients > 0 ? (recipients - 1) / 2 : recipients;
  }
};

}  // namespace crosstalk::pool
