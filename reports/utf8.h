// Which bytes are UTF-8 (Unicode, table 3-7), and text made so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace crosstalk::reports {

// Where the first sequence begins that is not UTF-8; npos: none.
[[nodiscard]] std::size_t not_utf8(std::string_view bytes) noexcept;

// The text with U+FFFD for each byte that belongs to no character.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace crosstalk::reports
