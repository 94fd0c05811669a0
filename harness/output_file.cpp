#include "harness/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reports/output_error.h"

namespace crosstalk::harness {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, int error) {
  throw reports::OutputError(path.string() + ": " + std::strerror(error == 0 ? EIO : error));
}

// Beside the file, so that moving it there cannot fail for want of space or cross a file system.
fs::path part_of(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) return path;
  fs::path part = path;
  part += ".part" + std::to_string(::getpid());
  return part;
}

}  // namespace

OutputFile::OutputFile(const fs::path& path) : path_(path), part_(part_of(path)) {
  errno = 0;
  stream_.open(part_, std::ios::binary | std::ios::trunc);
  if (!stream_) fail(path_, errno);
}

OutputFile::~OutputFile() {
  stream_.close();
  std::error_code ignored;
  if (!committed_ && part_ != path_) fs::remove(part_, ignored);
}

void OutputFile::commit() {
  if (stream_) errno = 0;  // else it says why an earlier write failed
  stream_.close();         // sets failbit if the last bytes cannot be written
  if (!stream_) fail(path_, errno);
  if (part_ != path_) {
    std::error_code error;
    fs::rename(part_, path_, error);
    if (error) fail(path_, error.value());
  }
  committed_ = true;
}

}  // namespace crosstalk::harness
