// Durations and counts as people write them in stages and think times.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::workloads {

// 500us, 30s, 1m30s, 1.5h: parts from the largest unit to the smallest, each at most once; a bare number is
// seconds. Nothing if the text is no such thing; never negative, never infinite.
[[nodiscard]] std::optional<double> parse_duration_ns(std::string_view text);

// 20000, 20k, 1.5M, 2G, 1e6. Nothing if the text is no such thing; never negative, never infinite.
[[nodiscard]] std::optional<double> parse_quantity(std::string_view text);

// The text as it stands in an error: cut, on one line, in quotes; "nothing" if it is empty.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace crosstalk::workloads
