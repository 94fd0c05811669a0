// What can go wrong with the file store, in words that a server can act upon; the system's own code stands beside.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace crosstalk::pool {

enum class FileFault : std::uint8_t {
  full,        // the disk, the user's share of it (EDQUOT), or the process's limit of a file's size (EFBIG)
  bad_name,    // see file_name.h
  exists,      // there is a file of that name, and it is not to be replaced
  not_found,   // there is none
  not_a_file,  // the name is that of a folder, a symbolic link or the like
  too_large,   // above the store's limit for one file
  checksum,    // what came is not what the sender says it sent
  corrupt,     // what is stored is not what was uploaded
  unsynced,    // the file is there and complete, but may be gone after a power failure
  timed_out,   // no place for another upload came free in time
  closed,      // the store is
  denied,      // no permission, or a file system that is not to be written
  too_many_open,  // files, in this process or on this machine
  io,             // the disk said no
  other,
};

[[nodiscard]] std::string_view to_string(FileFault fault) noexcept;
// Of a value of errno.
[[nodiscard]] FileFault file_fault_of(int system_code) noexcept;

class FileError : public std::runtime_error {
 public:
  // what() is "path: what was done: text". Control characters of the path are written as \xNN, since what() may end up in
  // a log, and names come from strangers.
  FileError(FileFault fault, std::string path, std::string_view doing, std::string_view text,
            int system_code = 0);
  // Of a call of the system that failed; the text is the system's.
  FileError(int system_code, std::string path, std::string_view doing);

  [[nodiscard]] FileFault fault() const noexcept { return fault_; }
  [[nodiscard]] int system_code() const noexcept {
    return system_code_;
  }  // 0 if it was no call of the system
  [[nodiscard]] const std::string& path() const noexcept { return path_; }  // as it is

 private:
  FileFault fault_;
  int system_code_;
  std::string path_;
};

}  // namespace crosstalk::pool
