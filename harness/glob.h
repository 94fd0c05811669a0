// Patterns as a shell has them: * any characters, ? one, [abc] [a-z] one of these, [!a-z] one of the others.
// A '[' that is never closed stands for itself. '/' is a character like any other.
#pragma once

#include <string_view>

namespace crosstalk::harness {

// Does the text hold any of * ? [ ?
[[nodiscard]] bool is_glob(std::string_view text) noexcept;

// Does the whole text match? Never takes exponential time, whatever the pattern.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace crosstalk::harness
