// For the tests of this folder: files that vanish, and the scenarios of the source tree.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "workloads/scenario.h"
#include "workloads/trace_csv.h"

namespace crosstalk::workloads {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Writes a file and returns its path.
  [[nodiscard]] std::filesystem::path put(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

inline Scenario built_in(const std::string& name) {
  const std::filesystem::path folder = CROSSTALK_SOURCE_DIR "/workloads/scenarios";
  return load_scenario(folder / (name + ".ini"), {"clients", "counter", "store"}).scenario;
}

inline TraceRows rows_of(const std::string& csv) {
  const TemporaryFolder folder;
  return read_trace_csv(folder.put("trace.csv", csv));
}

}  // namespace crosstalk::workloads
