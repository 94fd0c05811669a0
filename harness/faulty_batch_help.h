// For tests: what can go wrong on the way from a server to a client, and how a batch of deliveries is
// spoiled.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pool/chat/message_arena.h"

namespace crosstalk::harness {

enum class Fault : std::uint8_t {
  none,
  drop,          // a delivery is not handed out
  twice,         // one is handed out twice
  swap,          // two of one sender are handed out in the wrong order
  damage,        // a byte of a body is another one
  skip_member,   // a post leaves out one member and does not say so
  after_leave,   // a post reaches a client that has left
  lost_leave,    // a client that leaves stays a member
  same_number,   // a post has the number of the post before it
  wrong_client,  // a direct message goes to somebody else
};

using Batch = std::vector<pool::Delivery>;

// Two posts of one sender in one room, the first from `from` on, change places: FIFO per sender forbids it,
// and it is no accident on any thread. False if there are none.
inline bool swap_in(Batch& batch, std::size_t from) {
  for (auto place = batch.begin() + static_cast<std::ptrdiff_t>(from); place != batch.end(); ++place) {
    const pool::Message& first = *place->message;
    const auto other = std::find_if(place + 1, batch.end(), [&](const pool::Delivery& later) {
      return later.message->sender == first.sender && later.message->room == first.room &&
             first.room != pool::kNoRoom;
    });
    if (other == batch.end()) continue;
    std::swap(*place, *other);
    return true;
  }
  return false;
}

struct Spoiled {
  bool done = false;             // false: the batch gave no occasion
  std::byte* damaged = nullptr;  // a byte of a body that others share: to be put right after the visit
};

// Lets `fault`, one of the first four, happen to the delivery at `at` or, where it cannot, to one behind it.
inline Spoiled spoil(Batch& batch, Fault fault, std::size_t at) {
  const auto place = batch.begin() + static_cast<std::ptrdiff_t>(at);
  if (fault == Fault::drop) {
    batch.erase(place);
  } else if (fault == Fault::twice) {
    batch.insert(place, pool::Delivery(*place));
  } else if (fault == Fault::swap) {
    return {.done = swap_in(batch, at)};
  } else {
    const auto body =
        std::find_if(place, batch.end(), [](const pool::Delivery& d) { return d.message->bytes > 0; });
    if (body == batch.end()) return {};
    auto* byte = const_cast<std::byte*>(body->message->body()) + body->message->bytes / 2;
    *byte ^= std::byte{1};
    return {.done = true, .damaged = byte};
  }
  return {.done = true};
}

}  // namespace crosstalk::harness
