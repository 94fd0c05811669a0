// An .ini file of sections: `[name]`, below it `key = value`; a line that begins with '#' or ';' is a comment. Every part knows
// its line, for errors to name it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness::gate {

struct IniEntry {
  std::string key, value;
  std::size_t line = 0;
};

struct IniSection {
  std::string name;
  std::size_t line = 0;
  std::vector<IniEntry> entries;

  // Null: there is no such key.
  [[nodiscard]] const IniEntry* find(std::string_view key) const noexcept;
};

// "limits.ini:7: " and what is wrong there. Throws UsageError.
[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& problem);

// In their order. `keys`: those that a section may have. Throws UsageError: a line that is none of these, a key outside a
// section, unknown or given twice, a section that stands twice.
[[nodiscard]] std::vector<IniSection> parse_sections(const std::string& file, std::string_view text,
                                                     std::span<const std::string_view> keys);
// The same of a file. Throws UsageError too where it cannot be read.
[[nodiscard]] std::vector<IniSection> read_sections(const std::filesystem::path& file,
                                                    std::span<const std::string_view> keys);

}  // namespace crosstalk::harness::gate
