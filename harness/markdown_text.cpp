#include "harness/markdown_text.h"

#include "harness/printable.h"

namespace crosstalk::harness {

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kSpecial = "\\|<*`";
  std::string result;
  for (const char c : printable(text)) {
    if (kSpecial.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace crosstalk::harness
