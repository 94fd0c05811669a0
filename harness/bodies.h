// What the bodies of received messages must look like.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "pool/chat/message_arena.h"

namespace crosstalk::harness {

// Of the deliveries, those with a wrong byte: every byte of a body is the low byte of its tag (message_arena.h).
[[nodiscard]] inline std::uint64_t damaged_bodies(const pool::Delivery* deliveries,
                                                  std::size_t count) noexcept {
  return static_cast<std::uint64_t>(
      std::count_if(deliveries, deliveries + count, [](const pool::Delivery& delivery) {
        const pool::Message& message = *delivery.message;
        const auto expected = static_cast<std::byte>(message.tag & 0xff);
        return !std::all_of(message.body(), message.body() + message.bytes,
                            [expected](std::byte byte) { return byte == expected; });
      }));
}

}  // namespace crosstalk::harness
