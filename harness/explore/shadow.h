// Shadow: who touched which bytes last, and whether anything orders that before the access at hand (FastTrack's rule, Flanagan and
// Freund 2009, with every thread's last read kept).
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

enum class Access : std::uint8_t { read, write, atomic_read, atomic_write };

[[nodiscard]] bool map_shadow() noexcept;

// Fails for a race, or for memory that was freed.
void note_access(Address address, std::size_t bytes, Access access, std::uint32_t place) noexcept;

// Memory was handed out, and nobody has touched it; or was freed, and nobody may.
void forget_accesses(Address address, std::size_t bytes) noexcept;
void forbid_accesses(Address address, std::size_t bytes, std::uint32_t place) noexcept;
[[nodiscard]] bool is_forbidden(Address address) noexcept;
// Of what is too large for that: that it was freed. Only the last of them are remembered.
void forbid_block(Address address, std::size_t bytes, std::uint32_t place) noexcept;
// For what has no size, as an object of a library.
void check_alive(Address address, std::uint32_t place) noexcept;

}  // namespace crosstalk::harness::explore
