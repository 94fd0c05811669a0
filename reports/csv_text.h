// One line of a CSV file (RFC 4180), built cell by cell: '.' decimals whatever the locale, no nan, no inf.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::reports {

class CsvText {
 public:
  CsvText& cell(std::string_view text) {
    separate();
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      text_ += text;
      return *this;
    }
    text_ += '"';
    for (const char c : text) {
      if (c == '"') text_ += '"';
      text_ += c == '\n' || c == '\r' ? ' ' : c;  // a line is a row, also for simple readers
    }
    text_ += '"';
    return *this;
  }
  CsvText& cell(const char* text) { return cell(std::string_view(text)); }

  template <std::integral T>
  CsvText& cell(T value) {
    return number(value);
  }
  CsvText& cell(bool value) { return cell(value ? 1 : 0); }
  CsvText& cell(double value) {
    if (std::isfinite(value)) return number(value);
    return empty();
  }
  template <class T>
  CsvText& cell(const std::optional<T>& value) {
    return value ? cell(*value) : empty();
  }
  CsvText& empty() {
    separate();
    return *this;
  }
  void end_row() {
    text_ += '\n';
    at_start_ = true;
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  void clear() noexcept { text_.clear(); }

 private:
  template <class T>
  CsvText& number(T value) {
    separate();
    char buffer[32];  // the longest double in shortest form has 24 characters
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    text_.append(buffer, static_cast<std::size_t>(end - buffer));
    return *this;
  }
  void separate() {
    if (!at_start_) text_ += ',';
    at_start_ = false;
  }

  std::string text_;
  bool at_start_ = true;
};

}  // namespace crosstalk::reports
