#include "harness/printable.h"

#include <algorithm>
#include <cstddef>

namespace crosstalk::harness {

namespace {

// The length of the UTF-8 character at the start of the text, 0 if there is none. Surrogates and some
// overlong forms pass: they are drawn wrongly, but they do no harm.
std::size_t character_length(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF8 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || text.size() < length) return 0;
  const auto followers = text.substr(1, length - 1);
  return std::all_of(followers.begin(), followers.end(), is_continuation) ? length : 0;
}

bool is_control(std::string_view character) noexcept {
  const auto lead = static_cast<unsigned char>(character.front());
  // U+0080 to U+009F, two bytes that begin with C2, are control characters too.
  return lead < 0x20 || lead == 0x7F ||
         (character.size() == 2 && lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const auto character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0) {
      result += "\xEF\xBF\xBD";
    } else if (is_control(character)) {
      result += ' ';
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace crosstalk::harness
