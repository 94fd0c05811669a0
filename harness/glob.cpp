#include "harness/glob.h"

#include <cstddef>

namespace crosstalk::harness {

namespace {

// The length of the set that the pattern begins with, 0 if it is not closed. A ']' right behind the '[' or
// '[!' is a member of the set.
std::size_t set_length(std::string_view pattern) noexcept {
  const std::size_t first = pattern.starts_with("[!") ? 2 : 1;
  const auto end = pattern.find(']', first + 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

bool set_holds(std::string_view set, char c) noexcept {
  const bool negated = set[1] == '!';
  const std::string_view members = set.substr(negated ? 2 : 1, set.size() - (negated ? 3 : 2));
  bool found = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      found = found || (members[i] <= c && c <= members[i + 2]);
      i += 2;
    } else {
      found = found || members[i] == c;
    }
  }
  return found != negated;
}

// The length of the one-character piece at the start of the pattern if it matches c, else 0.
std::size_t match_one(std::string_view pattern, char c) noexcept {
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    const std::size_t length = set_length(pattern);
    if (length > 0) return set_holds(pattern.substr(0, length), c) ? length : 0;
  }
  return pattern.front() == c ? 1 : 0;
}

}  // namespace

bool is_glob(std::string_view text) noexcept {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // Only the last star is ever taken back: an earlier one that swallowed more would leave it less to choose
  // from.
  constexpr auto kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;
  std::size_t swallowed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      swallowed = t;
      continue;
    }
    const std::size_t step = p < pattern.size() ? match_one(pattern.substr(p), text[t]) : 0;
    if (step > 0) {
      p += step;
      ++t;
      continue;
    }
    if (star == kNone) return false;
    p = star + 1;
    t = ++swallowed;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace crosstalk::harness
