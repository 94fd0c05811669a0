#include "reports/run_result.h"

#include <array>

namespace crosstalk::reports {

namespace {
constexpr std::array<std::string_view, 7> kStatusNames{
    "ok", "saturated", "generator", "contaminated", "too_short", "interrupted", "failed"};
}  // namespace

std::string_view to_string(Status status) noexcept {
  return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<Status> parse_status(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == name) return static_cast<Status>(i);
  }
  return std::nullopt;
}

}  // namespace crosstalk::reports
