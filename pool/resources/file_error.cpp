#include "pool/resources/file_error.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace crosstalk::pool {

namespace {

std::string file_path_for_a_log(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string shown;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += "\\x";
      shown += kDigits[byte / 16];
      shown += kDigits[byte % 16];
    } else {
      shown += c;
    }
  }
  return shown;
}

}  // namespace

std::string_view to_string(FileFault fault) noexcept {
  switch (fault) {
    case FileFault::full:
      return "full";
    case FileFault::bad_name:
      return "bad name";
    case FileFault::exists:
      return "exists";
    case FileFault::not_found:
      return "not found";
    case FileFault::not_a_file:
      return "not a file";
    case FileFault::too_large:
      return "too large";
    case FileFault::checksum:
      return "other checksum";
    case FileFault::corrupt:
      return "corrupt";
    case FileFault::unsynced:
      return "not synced";
    case FileFault::timed_out:
      return "timed out";
    case FileFault::closed:
      return "closed";
    case FileFault::denied:
      return "denied";
    case FileFault::too_many_open:
      return "too many open files";
    case FileFault::io:
      return "input or output failed";
    case FileFault::other:
      break;
  }
  return "failed";
}

FileFault file_fault_of(int system_code) noexcept {
  switch (system_code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return FileFault::full;
    case EEXIST:
      return FileFault::exists;
    case ENOENT:
      return FileFault::not_found;
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY:
    case ELOOP:
    case ENXIO:  // a socket, or a pipe, that was opened
      return FileFault::not_a_file;
    case ENAMETOOLONG:
      return FileFault::bad_name;
    case EACCES:
    case EPERM:
    case EROFS:
      return FileFault::denied;
    case EMFILE:
    case ENFILE:
      return FileFault::too_many_open;
    case EIO:
      return FileFault::io;
    default:
      return FileFault::other;
  }
}

FileError::FileError(FileFault fault, std::string path, std::string_view doing, std::string_view text,
                     int system_code)
    : std::runtime_error(file_path_for_a_log(path) + ": " + std::string(doing) + ": " + std::string(text)),
      fault_(fault),
      system_code_(system_code),
      path_(std::move(path)) {}

FileError::FileError(int system_code, std::string path, std::string_view doing)
    : FileError(file_fault_of(system_code), std::move(path), doing,
                std::generic_category().message(system_code), system_code) {}

}  // namespace crosstalk::pool
