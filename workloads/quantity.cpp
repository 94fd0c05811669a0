#include "workloads/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace crosstalk::workloads {

namespace {

// Takes an unsigned number from the front of the text. A sign is none of it: from_chars would take a minus.
std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || !((text.front() >= '0' && text.front() <= '9') || text.front() == '.')) return {};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

struct DurationUnit {
  std::string_view name;
  double ns;
};
// Names that begin like others stand before them.
constexpr DurationUnit kDurationUnits[]{{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                                        {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};

}  // namespace

std::optional<double> parse_duration_ns(std::string_view text) {
  std::optional<double> value = take_number(text);
  if (!value) return {};
  if (text.empty()) return *value * 1e9;
  double sum_ns = 0;
  double last_ns = 1e300;  // of the unit before
  for (;; value = take_number(text)) {
    if (!value) return {};
    const auto* const unit = std::find_if(std::begin(kDurationUnits), std::end(kDurationUnits),
                                          [&](const DurationUnit& u) { return text.starts_with(u.name); });
    if (unit == std::end(kDurationUnits) || unit->ns >= last_ns) return {};
    sum_ns += *value * unit->ns;
    last_ns = unit->ns;
    text.remove_prefix(unit->name.size());
    if (text.empty()) return std::isfinite(sum_ns) ? std::optional(sum_ns) : std::nullopt;
  }
}

std::optional<double> parse_quantity(std::string_view text) {
  std::optional<double> value = take_number(text);
  if (!value) return {};
  for (const auto& [suffix, factor] : {std::pair{"k", 1e3}, std::pair{"M", 1e6}, std::pair{"G", 1e9}}) {
    if (text == suffix) return *value * factor;
  }
  return text.empty() ? value : std::nullopt;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  if (text.empty()) return "nothing";
  std::string result =
      "'" + std::string(text.substr(0, kShownMax)) + (text.size() > kShownMax ? "...'" : "'");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(result.begin(), result.end(), is_control, '?');
  return result;
}

}  // namespace crosstalk::workloads
