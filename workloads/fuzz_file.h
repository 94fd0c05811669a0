// For fuzz targets: bytes in memory under a path, for readers that open a file by its name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace crosstalk::workloads {

class FuzzFile {
 public:
  FuzzFile() : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::runtime_error("memfd_create");
  }
  ~FuzzFile() { ::close(descriptor_); }
  FuzzFile(const FuzzFile&) = delete;
  FuzzFile& operator=(const FuzzFile&) = delete;

  // The path stays the same; what stood there before is gone.
  [[nodiscard]] std::filesystem::path holding(const std::uint8_t* data, std::size_t size) const {
    if (::ftruncate(descriptor_, 0) != 0 ||
        ::pwrite(descriptor_, data, size, 0) != static_cast<::ssize_t>(size)) {
      throw std::runtime_error("a file in memory cannot be written");
    }
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

// What every refusal is like: one line that begins with the file, and behind it, but for what no line is to blame for, the line.
inline void require_refusal(const std::string& text, const std::filesystem::path& file) {
  const bool one_line =
      text.find_first_of("\r\n") == std::string::npos && text.find('\0') == std::string::npos;
  if (!one_line || !text.starts_with(file.string() + ":")) throw std::logic_error("a refusal reads: " + text);
}

}  // namespace crosstalk::workloads
