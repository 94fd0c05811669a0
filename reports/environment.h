// The machine and the build a result comes from, as key-value pairs. What cannot be read is "unknown", never an error.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace crosstalk::reports {

using Facts = std::vector<std::pair<std::string, std::string>>;

// `root`: where /proc and /sys are found.
[[nodiscard]] Facts machine_facts(const std::filesystem::path& root = "/");

struct BuildFacts {
  std::string compiler;
  std::string build_type;  // with "+address" and the like under a sanitizer
  std::string commit;
  std::string allocator;  // name and version
  bool fit = false;       // optimised, without assertions or sanitizers: may be measured
};
[[nodiscard]] const BuildFacts& build_facts();

}  // namespace crosstalk::reports
