// What `crosstalk report` is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/flags.h"
#include "harness/glyphs.h"
#include "harness/text_table.h"

namespace crosstalk::harness {

enum class Export : std::uint8_t { gbench, hdr, prometheus, junit, summary };
inline constexpr std::array<std::string_view, 5> kExportWords{"gbench", "hdr", "prometheus", "junit",
                                                              "summary"};

struct ReportOptions {
  std::vector<std::filesystem::path> folders;  // at least one, unless there is a history
  Format format = Format::table;
  std::optional<Export> form;  // of --export
  bool merge = false;
  std::filesystem::path out;  // empty: standard output
  const Glyphs* glyphs = nullptr;
  std::filesystem::path history;  // of --history, instead of folders; empty: none
  bool points = false;            // every point of its series, for programs
  bool fail_on_drift = false;
};

// Folders stand anywhere between the flags; what follows "--" is a folder whatever it begins with. Throws UsageError, also
// where a folder has no runs.csv.
[[nodiscard]] ReportOptions parse_report(const std::vector<std::string>& arguments,
                                         const Environment& environment);

[[nodiscard]] std::string report_help();

}  // namespace crosstalk::harness
