// A file that is there complete or not at all: written beside its place and moved there when all of it has
// been written.
#pragma once

#include <filesystem>
#include <fstream>
#include <ostream>

namespace crosstalk::harness {

class OutputFile {
 public:
  // What exists and is no regular file (a pipe, a device) is written to directly. Throws
  // reports::OutputError.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();  // without a commit() nothing is left behind
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] std::ostream& stream() noexcept { return stream_; }
  // Throws reports::OutputError.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path part_;  // what is written to
  std::ofstream stream_;
  bool committed_ = false;
};

}  // namespace crosstalk::harness
