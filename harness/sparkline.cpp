#include "harness/sparkline.h"

#include <algorithm>
#include <cmath>

namespace crosstalk::harness {

std::string sparkline(const std::vector<std::optional<double>>& values, double top, const Glyphs& glyphs) {
  const double last = static_cast<double>(glyphs.levels.size() - 1);
  std::string text;
  for (const auto& value : values) {
    if (!value || !std::isfinite(*value)) {
      text += ' ';
      continue;
    }
    const double share = top > 0 ? std::clamp(*value / top, 0.0, 1.0) : 0;
    text += glyphs.levels[static_cast<std::size_t>(std::lround(share * last))];
  }
  return text;
}

std::vector<std::optional<double>> squeezed(const std::vector<std::optional<double>>& values,
                                            std::size_t cells) {
  if (values.size() <= cells || cells == 0) return values;
  std::vector<std::optional<double>> result(cells);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = cell * values.size() / cells; i < (cell + 1) * values.size() / cells; ++i) {
      if (!values[i]) continue;
      sum += *values[i];
      ++count;
    }
    if (count > 0) result[cell] = sum / static_cast<double>(count);
  }
  return result;
}

}  // namespace crosstalk::harness
