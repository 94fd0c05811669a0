#include "reports/run_result.h"

#include <array>

namespace crosstalk::reports {

namespace {
constexpr std::array<std::string_view, 7> kStatusNames{
    "ok", "saturated", "generator", "contaminated", "too_short", "interrupted", "failed"};

struct SetupPart {
  std::string_view name, value, usual;
};

std::array<SetupPart, 6> setup_of(const TrialIdentity& id, std::string_view allocator) {
  return {{{"pool", id.pool, "crosstalk"},
           {"dispatch", id.dispatch, "inline"},
           {"store", id.store, "memory"},
           {"queue policy", id.queue_policy, "block"},
           {"pin", id.pin, "spread"},
           {"allocator", allocator, "arena"}}};
}

}  // namespace

std::string setup_key(const TrialIdentity& id, std::string_view allocator) {
  std::string key;
  for (const SetupPart& part : setup_of(id, allocator)) key.append(part.value).append("\n");
  return key;
}

std::string setup_text(const TrialIdentity& id, std::string_view allocator) {
  std::string text;
  for (const SetupPart& part : setup_of(id, allocator)) {
    // An arena is named together with what it lies over.
    if (part.value.empty() || part.value == part.usual || part.value.starts_with("arena ")) continue;
    text.append(", ").append(part.name).append(" ").append(part.value);
  }
  return text;
}

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
