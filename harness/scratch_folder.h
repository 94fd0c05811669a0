// A folder of one trial's own, for what its server keeps on disk. Made on request, removed with all that is in it, also
// where the trial's process was killed: the folder belongs to the process that watches it.
#pragma once

#include <filesystem>

namespace crosstalk::harness {

class ScratchFolder {
 public:
  // In `parent`, under a name that nobody else has. Throws reports::OutputError.
  explicit ScratchFolder(const std::filesystem::path& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace crosstalk::harness
