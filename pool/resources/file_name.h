// Names of files in a file store, and of its unfinished uploads.
//
// A file's name is 1 to 255 bytes, none of them '/', '\\', a NUL or another control character, the first not a dot. So it
// names something in the folder itself on any system, is no option of a shell's `ls -a`, and is never the name of a partial.
// Letter case, UTF-8 and the like are the caller's affair: names are bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk::pool {

inline constexpr std::size_t kFileNameBytesMax = 255;

[[nodiscard]] bool is_file_name(std::string_view name) noexcept;
// What is wrong with the name; empty if nothing is.
[[nodiscard]] std::string_view fault_of_file_name(std::string_view name) noexcept;

// ".upload-PROCESS-NUMBER": an upload that is not committed.
[[nodiscard]] std::string partial_name(std::uint64_t process, std::uint64_t number);
[[nodiscard]] bool is_partial_name(std::string_view name) noexcept;

}  // namespace crosstalk::pool
