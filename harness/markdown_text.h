// Text of somebody else's within a Markdown page.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::harness {

// Made printable, with a backslash before what would be read as a tag, emphasis, code or the end of a table's cell: names of C++
// functions hold all of these.
[[nodiscard]] std::string markdown_text(std::string_view text);

}  // namespace crosstalk::harness
