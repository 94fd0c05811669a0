#include "reports/csv_bytes.h"

#include <algorithm>
#include <cstddef>

#include "reports/utf8.h"

namespace crosstalk::reports {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

ByteFault fault_at(std::string_view bytes, std::size_t place, std::string reason) {
  const auto lines = std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  return {static_cast<std::uint64_t>(lines) + 1, std::move(reason)};
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
