#include "harness/verify/replay.h"

#include <charconv>
#include <vector>

#include "harness/values.h"

namespace crosstalk::harness::verify {

std::string replay_text(const Replay& replay) {
  std::string text = replay.component + ":" + replay.one_case;
  for (const std::uint64_t number : {replay.seed, replay.round, replay.threads, replay.operations}) {
    text.append(":").append(std::to_string(number));
  }
  for (char& c : text) {
    if (c == ' ') c = '_';
  }
  return text;
}

Replay parse_replay(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c == '_' && parts.size() == 2 ? ' ' : c;
    }
  }
  std::uint64_t numbers[4] = {};
  bool right = parts.size() == 6;
  for (std::size_t i = 0; right && i < 4; ++i) {
    const std::string& part = parts[i + 2];
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
    right = error == std::errc() && end == part.data() + part.size();
  }
  if (!right) {
    throw ValueError(
        "must be a string that a failure printed (component:case:seed:round:threads:operations), got " +
        shown(text));
  }
  return {parts[0], parts[1], numbers[0], numbers[1], numbers[2], numbers[3]};
}

}  // namespace crosstalk::harness::verify
