#include "harness/repeat.h"

#include <array>

#include "harness/values.h"
#include "workloads/portable_math.h"

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

RepeatDraw::RepeatDraw(const Repeat& repeat, std::uint64_t seed, unsigned driver) noexcept
    : of_(repeat.of),
      rate_(repeat.pct < 100 ? -workloads::portable_log(1 - repeat.pct / 100) : 0),
      random_(seed, workloads::Purpose::repeats, driver),
      left_(gap()) {
  for (unsigned kind = 0; kind < workloads::kOpKindCount; ++kind)
    users_ |= is_user_of(of_, static_cast<OpKind>(kind)) ? 1U << kind : 0;
}

// Rounded up, an exponential law is the geometric one: as if each operation were drawn for itself.
std::uint64_t RepeatDraw::gap() noexcept {
  if (rate_ == 0) return 1;
  return static_cast<std::uint64_t>(random_.exponential() / rate_) + 1;
}

}  // namespace crosstalk::harness
