// A place in the source: std::source_location, or the same of older builtins where a compiler (clang++ 14) cannot make one.
#pragma once

#include <cstdint>
#include <source_location>

namespace crosstalk::harness::verify {

#ifdef __cpp_lib_source_location
using CodePlace = std::source_location;
#else
class CodePlace {
 public:
  // As a default argument: the place of the call. The function is its name alone, without its types.
  [[nodiscard]] static constexpr CodePlace current(const char* file = __builtin_FILE(),
                                                   std::uint32_t line = __builtin_LINE(),
                                                   const char* function = __builtin_FUNCTION()) noexcept {
    CodePlace place;
    place.file_ = file;
    place.line_ = line;
    place.function_ = function;
    return place;
  }
  [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
  [[nodiscard]] constexpr std::uint32_t line() const noexcept { return line_; }
  [[nodiscard]] constexpr const char* function_name() const noexcept { return function_; }

 private:
  const char* file_ = "";
  std::uint32_t line_ = 0;
  const char* function_ = "";
};
#endif

}  // namespace crosstalk::harness::verify
