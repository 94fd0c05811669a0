// Text of somebody else's, made safe to print.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::harness {

// Control characters become blanks, bytes that are not UTF-8 a replacement character: no name can move the
// cursor of a terminal or break a line.
[[nodiscard]] std::string printable(std::string_view text);

// Does the byte follow the first one of a UTF-8 character?
[[nodiscard]] constexpr bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

}  // namespace crosstalk::harness
