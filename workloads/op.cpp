#include "workloads/op.h"

#include <array>

namespace crosstalk::workloads {

namespace {
constexpr std::array<std::string_view, kOpKindCount> kNames{
    "connect", "disconnect", "join",   "leave",   "move", "post", "direct", "history",
    "who",     "presence",   "upload", "receive", "mark", "kick", "persist"};
}  // namespace

std::string_view to_string(OpKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<OpKind> parse_op_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<OpKind>(i);
  }
  return std::nullopt;
}

}  // namespace crosstalk::workloads
