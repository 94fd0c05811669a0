#include "harness/glyphs.h"

#include <algorithm>
#include <string>

namespace crosstalk::harness {

const Glyphs& ascii_glyphs() noexcept {
  static constexpr Glyphs kAscii{{"_", ".", ":", "-", "=", "+", "*", "#"}, {"#", "=", "-", ".", ">"}};
  return kAscii;
}

const Glyphs& block_glyphs() noexcept {
  static constexpr Glyphs kBlocks{{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, {"█", "▓", "▒", "░", "·"}};
  return kBlocks;
}

const Glyphs& glyphs_for(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty()) continue;
    std::string text = found->second;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool utf8 = text.find("utf-8") != std::string::npos || text.find("utf8") != std::string::npos;
    return utf8 ? block_glyphs() : ascii_glyphs();
  }
  return ascii_glyphs();
}

}  // namespace crosstalk::harness
