#include "pool/resources/file_name.h"

#include <algorithm>

namespace crosstalk::pool {

namespace {

constexpr std::string_view kPartialPrefix = ".upload-";

bool is_partial_number(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view fault_of_file_name(std::string_view name) noexcept {
  if (name.empty()) return "a name must not be empty";
  if (name.size() > kFileNameBytesMax) return "a name must have at most 255 bytes";
  if (name.front() == '.') return "a name must not begin with a dot";
  for (const char c : name) {
    if (c == '/' || c == '\\') return "a name must not hold a slash or backslash";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name must not hold a control character";
  }
  return {};
}

bool is_file_name(std::string_view name) noexcept {
  return fault_of_file_name(name).empty();
}

std::string partial_name(std::uint64_t process, std::uint64_t number) {
  return std::string(kPartialPrefix) + std::to_string(process) + '-' + std::to_string(number);
}

bool is_partial_name(std::string_view name) noexcept {
  if (!name.starts_with(kPartialPrefix)) return false;
  name.remove_prefix(kPartialPrefix.size());
  const std::size_t dash = name.find('-');
  return dash != std::string_view::npos && is_partial_number(name.substr(0, dash)) &&
         is_partial_number(name.substr(dash + 1));
}

}  // namespace crosstalk::pool
