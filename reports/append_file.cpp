#include "reports/append_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace crosstalk::reports {

namespace {

namespace fs = std::filesystem;

// The name of a new file is on the disk only when its folder is.
void sync_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read: nothing to be done
  static_cast<void>(::fsync(descriptor));
  ::close(descriptor);
}

}  // namespace

AppendFile::AppendFile(const fs::path& path, AppendMode mode) : path_(path), mode_(mode) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) refuse(std::strerror(errno));
  try {
    if (mode_ == AppendMode::shared) lock();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

AppendFile::~AppendFile() {
  ::close(descriptor_);
}

void AppendFile::refuse(const std::string& why) const {
  throw OutputError(path_.string() + ": " + why);
}

void AppendFile::lock() {
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
  struct stat facts {};
  if (::fstat(descriptor_, &facts) != 0) refuse(std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) refuse("is not a file that can be appended to");
}

// A shared file is locked all the time. Without locks (a file system that has none) nothing is to be done.
void AppendFile::begin_turn() {
  if (mode_ == AppendMode::shared || turns_++ > 0) return;
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

void AppendFile::end_turn() {
  if (mode_ == AppendMode::shared || --turns_ > 0) return;
  static_cast<void>(::flock(descriptor_, LOCK_UN));
}

bool AppendFile::empty() const {
  return ::lseek(descriptor_, 0, SEEK_END) <= 0;  // below 0: a pipe or a terminal
}

bool AppendFile::begins_with(const std::string& text) const {
  std::string first(text.size(), '\0');
  return ::pread(descriptor_, first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()) &&
         first == text;
}

bool AppendFile::ends_with_newline() const {
  char last = '\0';
  return ::pread(descriptor_, &last, 1, ::lseek(descriptor_, 0, SEEK_END) - 1) == 1 && last == '\n';
}

void AppendFile::append(const std::string& text) {
  const Turn turn(*this);
  const off_t before = ::lseek(descriptor_, 0, SEEK_END);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor_, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) take_back(before, written == 0 ? ENOSPC : errno);
    done += static_cast<std::size_t>(written);
  }
  if (mode_ == AppendMode::shared) sync(before);
}

void AppendFile::sync(off_t before) {
  if (::fsync(descriptor_) != 0) take_back(before, errno);
  if (before == 0) sync_folder_of(path_);
}

// A part of the text, half a line perhaps, would make the whole file unreadable.
void AppendFile::take_back(off_t length, int error) {
  std::string why = std::strerror(error);
  if (length >= 0 && ::ftruncate(descriptor_, length) != 0 && ::lseek(descriptor_, 0, SEEK_END) > length)
    why += "; its last line is cut off now";
  refuse(why);
}

}  // namespace crosstalk::reports
