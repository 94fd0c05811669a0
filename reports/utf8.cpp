#include "reports/utf8.h"

#include <cstdint>
#include <cstring>

namespace crosstalk::reports {

namespace {

// The smallest and the largest second byte behind a first one, and how many bytes follow it (Unicode, table 3-7); 0: none begins so.
struct Lead {
  std::size_t following = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead lead_of(unsigned char first) noexcept {
  if (first >= 0xC2 && first <= 0xDF) return {.following = 1};
  if (first == 0xE0) return {.following = 2, .low = 0xA0};
  if (first == 0xED) return {.following = 2, .high = 0x9F};  // no surrogates
  if (first >= 0xE1 && first <= 0xEF) return {.following = 2};
  if (first == 0xF0) return {.following = 3, .low = 0x90};
  if (first >= 0xF1 && first <= 0xF3) return {.following = 3};
  if (first == 0xF4) return {.following = 3, .high = 0x8F};
  return {};
}

bool is_sequence(std::string_view bytes, const Lead& lead) noexcept {
  if (lead.following == 0 || bytes.size() <= lead.following) return false;
  for (std::size_t i = 1; i <= lead.following; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < (i == 1 ? lead.low : 0x80) || byte > (i == 1 ? lead.high : 0xBF)) return false;
  }
  return true;
}

}  // namespace

std::size_t not_utf8(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size();) {
    // Nearly all is ASCII: eight bytes at a time.
    if (std::uint64_t eight = 0; i + sizeof eight <= bytes.size()) {
      std::memcpy(&eight, bytes.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const auto first = static_cast<unsigned char>(bytes[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const Lead lead = lead_of(first);
    if (!is_sequence(bytes.substr(i), lead)) return i;
    i += lead.following + 1;
  }
  return std::string_view::npos;
}

std::string as_utf8(std::string_view text) {
  std::string result;
  for (std::size_t wrong = not_utf8(text); wrong != std::string_view::npos; wrong = not_utf8(text)) {
    result.append(text.substr(0, wrong)).append("\xEF\xBF\xBD");
    text.remove_prefix(wrong + 1);
  }
  return result.append(text);
}

}  // namespace crosstalk::reports
