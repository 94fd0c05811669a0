// Cells as JSON values (RFC 8259).
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::harness {

// The text in quotes, made printable.
[[nodiscard]] std::string json_text(std::string_view text);
// Is it a number by JSON's grammar, which is stricter than from_chars?
[[nodiscard]] bool is_json_number(std::string_view text);

}  // namespace crosstalk::harness
