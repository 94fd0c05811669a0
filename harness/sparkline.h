// A series as one line of characters: ▂▅▇▇▆ or .=##+.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/glyphs.h"

namespace crosstalk::harness {

// One character a value, from 0 (the lowest) to `top` (the highest); a blank where there is none. Values that are not
// finite count as none. `top` <= 0: all are lowest.
[[nodiscard]] std::string sparkline(const std::vector<std::optional<double>>& values, double top,
                                    const Glyphs& glyphs);

// The series in at most `cells` cells: neighbours are joined to their mean. Empty where all neighbours are.
[[nodiscard]] std::vector<std::optional<double>> squeezed(const std::vector<std::optional<double>>& values,
                                                          std::size_t cells);

}  // namespace crosstalk::harness
