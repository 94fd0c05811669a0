// One line of a CSV file (RFC 4180), built cell by cell: UTF-8, '.' decimals whatever the locale, no nan, no inf.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reports/utf8.h"

namespace crosstalk::reports {

class CsvText {
 public:
  // What is not UTF-8 is replaced: a command line or the name of a file may hold it, and every reader would refuse the whole file.
  CsvText& cell(std::string_view text) {
    if (not_utf8(text) == std::string_view::npos) return exactly(text);
    return exactly(as_utf8(text));
  }
  // For a file of our own in which the name of another has to stand as it is.
  CsvText& exactly(std::string_view text) {
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
