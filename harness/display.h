// Numbers as people read them: three significant digits and a unit. Not for files.
#pragma once

#include <cstdint>
#include <string>

namespace crosstalk::harness {

[[nodiscard]] std::string display_ns(double ns);           // "950 ns", "1.23 us", "45.6 ms", "7.89 s"
[[nodiscard]] std::string display_rate(double ops_s);      // "950/s", "1.23M/s"
[[nodiscard]] std::string display_count(std::uint64_t n);  // "5,000"
[[nodiscard]] std::string display_bytes(double bytes);     // "12.3 MiB"

}  // namespace crosstalk::harness
