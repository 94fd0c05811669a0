#include "pool/resources/file_calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

namespace crosstalk::pool {

namespace {
constexpr mode_t kOwnUserOnly = 0600;
}

int FileCalls::open(int folder, const char* name, int flags) noexcept {
  return openat(folder, name, flags | O_CLOEXEC, kOwnUserOnly);
}

int FileCalls::lock(int file) noexcept {
  return flock(file, LOCK_EX | LOCK_NB);
}

ssize_t FileCalls::write(int file, const void* bytes, std::size_t count) noexcept {
  return ::write(file, bytes, count);
}

ssize_t FileCalls::read(int file, void* bytes, std::size_t count, std::uint64_t offset) noexcept {
  return pread(file, bytes, count, static_cast<off_t>(offset));
}

int FileCalls::sync(int file) noexcept {
  return fsync(file);
}

int FileCalls::rename(int folder, const char* from, const char* to) noexcept {
  return renameat(folder, from, folder, to);
}

int FileCalls::rename_if_free(int folder, const char* from, const char* to) noexcept {
  return renameat2(folder, from, folder, to, RENAME_NOREPLACE);
}

int FileCalls::link(int folder, const char* from, const char* to) noexcept {
  return linkat(folder, from, folder, to, 0);
}

int FileCalls::remove(int folder, const char* name) noexcept {
  return unlinkat(folder, name, 0);
}

FileCalls& FileCalls::usual() noexcept {
  static FileCalls calls;
  return calls;
}

}  // namespace crosstalk::pool
