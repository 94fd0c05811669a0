// What is wrong with the bytes of a CSV file before a cell of it is looked at. For sources of reports/ only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::reports {

struct ByteFault {
  std::uint64_t line = 1;
  std::string reason;
};

// In this order, whatever stands first in the file: empty, NUL or UTF-16, a last line that is cut off, a carriage return that no
// newline follows, a byte sequence that is not UTF-8.
[[nodiscard]] std::optional<ByteFault> fault_of_bytes(std::string_view bytes);

}  // namespace crosstalk::reports
