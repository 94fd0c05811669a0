#include "harness/repeat.h"

#include <array>

#include "harness/values.h"

namespace crosstalk::harness {

namespace {

using workloads::OpKind;

constexpr std::array<std::string_view, 4> kThings{"", "lock", "map", "pool"};

}  // namespace

Repeat parse_repeat(std::string_view text) {
  const auto equal = text.find('=');
  Repeat repeat;
  for (std::size_t i = 1; i < kThings.size(); ++i) {
    if (text.substr(0, equal) == kThings[i]) repeat.of = static_cast<RepeatOf>(i);
  }
  if (repeat.of == RepeatOf::nothing || equal == std::string_view::npos)
    throw ValueError("must be lock=, map= or pool= and a share, such as lock=5%, got " + shown(text));
  const std::string_view share = text.substr(equal + 1);
  repeat.pct = share.ends_with('%') ? parse_real(share.substr(0, share.size() - 1), {0.1, 100})
                                    : 100 * parse_real(share, {0.001, 1});
  return repeat;
}

std::string repeat_text(const Repeat& repeat) {
  if (repeat.of == RepeatOf::nothing) return {};
  return std::string(kThings[static_cast<std::size_t>(repeat.of)]) + "=" + format_real(repeat.pct) + "%";
}

bool is_user_of(RepeatOf thing, OpKind kind) noexcept {
  // Nobody asks for these: they come of the others.
  if (kind == OpKind::receive || kind == OpKind::persist) return false;
  const bool names_room = kind != OpKind::connect && kind != OpKind::disconnect && kind != OpKind::direct &&
                          kind != OpKind::presence;
  switch (thing) {
    case RepeatOf::nothing:
      return false;
    case RepeatOf::lock:
      return names_room;
    case RepeatOf::map:
      return kind != OpKind::connect && kind != OpKind::disconnect && kind != OpKind::mark;
    case RepeatOf::pool:
      return true;
  }
  return false;
}

RepeatOf RepeatDraw::draw(OpKind kind) noexcept {
  if (!is_user_of(repeat_.of, kind)) return RepeatOf::nothing;
  return 100 * random_.uniform() < repeat_.pct ? repeat_.of : RepeatOf::nothing;
}

}  // namespace crosstalk::harness
