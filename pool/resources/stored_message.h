// A message on its way into the store, and one that comes out of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pool/chat/chat_types.h"

namespace crosstalk::pool {

// The greatest sequence: SQLite's integers have a sign, and "all before this one" needs one more.
inline constexpr std::uint64_t kLastSequence = (std::uint64_t{1} << 63) - 2;

struct NewMessage {
  RoomId room = 0;
  ClientId sender = 0;
  std::uint64_t sequence = 0;  // within the room; the store takes each once
  std::int64_t time_ns = 0;    // of the caller's clock
  const void* body = nullptr;
  std::uint32_t bytes = 0;
};

struct StoredMessage {
  RoomId room = 0;
  ClientId sender = 0;
  std::uint64_t sequence = 0;
  std::int64_t time_ns = 0;
  std::string body;
  friend bool operator==(const StoredMessage&, const StoredMessage&) = default;
};

}  // namespace crosstalk::pool
