// file_calls: the calls of the system by which the file store works, in one place so that a test may let them fail.
//
// Each does one call and answers as the system does: negative and errno if it failed. Who uses them retries EINTR. They may
// be called from any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace crosstalk::pool {

class FileCalls {
 public:
  FileCalls() = default;
  FileCalls(const FileCalls&) = delete;
  FileCalls& operator=(const FileCalls&) = delete;
  virtual ~FileCalls() = default;

  // Relative to an open folder, as all names here. Who creates a file gets one for its own user alone.
  virtual int open(int folder, const char* name, int flags) noexcept;
  // The exclusive lock of the open file, if it is free.
  virtual int lock(int file) noexcept;
  virtual ssize_t write(int file, const void* bytes, std::size_t count) noexcept;
  virtual ssize_t read(int file, void* bytes, std::size_t count, std::uint64_t offset) noexcept;
  // Of a file, with its size, or of a folder, with its names: on the disk when it returns.
  virtual int sync(int file) noexcept;
  // Over a file that has the name, or not.
  virtual int rename(int folder, const char* from, const char* to) noexcept;
  virtual int rename_if_free(int folder, const char* from, const char* to) noexcept;
  virtual int link(int folder, const char* from, const char* to) noexcept;
  virtual int remove(int folder, const char* name) noexcept;

  // Those of the system itself.
  [[nodiscard]] static FileCalls& usual() noexcept;
};

}  // namespace crosstalk::pool
