// A value of a user's file as an error shows it: one line, and not a screenful.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace crosstalk::workloads {

// A number: without quotes.
[[nodiscard]] inline std::string shown_number(std::string_view value) {
  if (value.empty()) return "nothing";
  std::string text(value.substr(0, 60));
  if (value.size() > 60) text += "...";
  // Whatever stands in the file, an error stays one line of plain text.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

[[nodiscard]] inline std::string shown(std::string_view value) {
  return value.empty() ? "nothing" : "'" + shown_number(value) + "'";
}

}  // namespace crosstalk::workloads
