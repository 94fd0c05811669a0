// Told what becomes of one post, some of it after post() has returned. The pool keeps no clocks: a harness that wants the
// times passes a watch whose functions read one.
//
// Ownership: a copy goes with the post; what the contexts point at must live until the server has settled.
#pragma once

#include <cstdint>

#include "pool/resources/receipt.h"

namespace crosstalk::pool {

struct PostWatch {
  // Called with last = false when the message lies in the first recipient's inbox, then with last = true when it lies in
  // every recipient's; not at all if there is none. On the thread that hands the deliveries out.
  void (*delivered)(void* context, std::uint64_t mark, bool last) noexcept = nullptr;
  void* context = nullptr;
  std::uint64_t mark = 0;
  // Called when the message is stored, or is not, if the server has a store. On the store's thread.
  Completion persisted{};

  void tell(bool last) const noexcept {
    if (delivered != nullptr) delivered(context, mark, last);
  }
};

}  // namespace crosstalk::pool
