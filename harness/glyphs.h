// The characters that small pictures in a terminal are drawn with.
#pragma once

#include <array>
#include <string_view>

#include "harness/flags.h"

namespace crosstalk::harness {

struct Glyphs {
  std::array<std::string_view, 8> levels;  // of a sparkline, lowest first
  std::array<std::string_view, 5> shades;  // of a bar: up to p50, p90, p99, p99.9, the maximum
};

// Block elements where the locale is UTF-8 (the first of LC_ALL, LC_CTYPE, LANG that is set says so), else ASCII.
[[nodiscard]] const Glyphs& glyphs_for(const Environment& environment);
[[nodiscard]] const Glyphs& ascii_glyphs() noexcept;
[[nodiscard]] const Glyphs& block_glyphs() noexcept;

}  // namespace crosstalk::harness
