#include "harness/gate/ini_sections.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/settings.h"
#include "harness/values.h"
#include "workloads/nearest.h"

namespace crosstalk::harness::gate {

namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void add_section(const std::string& file, std::string_view line, std::size_t number,
                 std::vector<IniSection>& sections) {
  if (!line.ends_with(']')) refuse(file, number, "a section must end with ']', got " + shown(line));
  const std::string name(without_blanks(line.substr(1, line.size() - 2)));
  if (name.empty()) refuse(file, number, "a section must have a name");
  const auto same = std::find_if(sections.begin(), sections.end(),
                                 [&](const IniSection& each) { return each.name == name; });
  if (same != sections.end())
    refuse(file, number, "[" + name + "] stands in line " + std::to_string(same->line) + " already");
  sections.push_back({name, number, {}});
}

void add_entry(const std::string& file, std::string_view line, std::size_t number,
               std::span<const std::string_view> keys, std::vector<IniSection>& sections) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos)
    refuse(file, number, "must be [section] or key = value, got " + shown(line));
  if (sections.empty()) refuse(file, number, "a key must stand below a [section]");
  const std::string key(without_blanks(line.substr(0, equals)));
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
    const std::vector<std::string> known(keys.begin(), keys.end());
    refuse(file, number, "unknown key " + shown(key) + workloads::did_you_mean(key, known));
  }
  if (sections.back().find(key) != nullptr) refuse(file, number, key + ": is given twice");
  sections.back().entries.push_back({key, std::string(without_blanks(line.substr(equals + 1))), number});
}

}  // namespace

const IniEntry* IniSection::find(std::string_view key) const noexcept {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const IniEntry& each) { return each.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

void refuse(const std::string& file, std::size_t line, const std::string& problem) {
  throw UsageError(file + ":" + std::to_string(line) + ": " + problem);
}

std::vector<IniSection> parse_sections(const std::string& file, std::string_view text,
                                       std::span<const std::string_view> keys) {
  std::vector<IniSection> sections;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = without_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      add_section(file, line, number, sections);
    } else {
      add_entry(file, line, number, keys, sections);
    }
  }
  return sections;
}

std::vector<IniSection> read_sections(const std::filesystem::path& file,
                                      std::span<const std::string_view> keys) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw UsageError(file.string() + ": cannot be read");
  return parse_sections(file.string(), text, keys);
}

}  // namespace crosstalk::harness::gate
