#include "reports/csv_bytes.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace crosstalk::reports {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

ByteFault fault_at(std::string_view bytes, std::size_t place, std::string reason) {
  const auto lines = std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  return {static_cast<std::uint64_t>(lines) + 1, std::move(reason)};
}

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

// Where the first sequence begins that is not UTF-8; npos: none.
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

std::size_t lone_return(std::string_view bytes) noexcept {
  std::size_t place = bytes.find('\r');
  while (place != std::string_view::npos && place + 1 < bytes.size() && bytes[place + 1] == '\n') {
    place = bytes.find('\r', place + 2);
  }
  return place;
}

}  // namespace

std::optional<ByteFault> fault_of_bytes(std::string_view bytes) {
  constexpr std::size_t kNone = std::string_view::npos;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (bytes.empty()) return ByteFault{1, "the file is empty"};
  const std::size_t nul = bytes.find('\0');
  if (nul != kNone || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return fault_at(bytes, nul == kNone ? 0 : nul, "a NUL byte (is the file UTF-16?)");
  if (bytes.back() != '\n') return fault_at(bytes, bytes.size(), "the last line is cut off");
  if (const std::size_t place = lone_return(bytes); place != kNone)
    return fault_at(bytes, place, "a carriage return within the line");
  if (const std::size_t place = not_utf8(bytes); place != kNone) return fault_at(bytes, place, "not UTF-8");
  return std::nullopt;
}

}  // namespace crosstalk::reports
