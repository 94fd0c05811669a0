#include "reports/history_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "reports/csv_reader.h"
#include "reports/csv_table.h"
#include "reports/csv_writer.h"

namespace crosstalk::reports {

namespace {

namespace fs = std::filesystem;

// The file, open and locked: until it is closed no other gate appends.
class LockedHistory {
 public:
  explicit LockedHistory(const fs::path& file) : path_(file) {
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail(errno);
    // Some network file systems have no locks. One write of whole lines is then all there is, and enough but for two disks that are
    // full at once.
    while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
    struct stat facts {};
    const int error = ::fstat(descriptor_, &facts) == 0 ? 0 : errno;
    if (error == 0 && S_ISREG(facts.st_mode)) {
      size_ = facts.st_size;
      return;
    }
    ::close(descriptor_);
    if (error != 0) fail(error);
    throw OutputError(path_.string() + ": is not a file that can be appended to");
  }
  ~LockedHistory() { ::close(descriptor_); }
  LockedHistory(const LockedHistory&) = delete;
  LockedHistory& operator=(const LockedHistory&) = delete;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] bool has_our_header() const {
    const std::string header = history_header();
    std::string first(header.size(), '\0');
    return ::pread(descriptor_, first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()) &&
           first == header;
  }

  [[nodiscard]] bool ends_with_a_line() const {
    char last = '\0';
    return ::pread(descriptor_, &last, 1, size_ - 1) == 1 && last == '\n';
  }

  void append(const std::string& text) {
    ssize_t done = 0;
    const auto length = static_cast<ssize_t>(text.size());
    while (done < length) {
      const ssize_t written =
          ::write(descriptor_, text.data() + done, static_cast<std::size_t>(length - done));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) take_back(written == 0 ? ENOSPC : errno);
      done += written;
    }
    if (::fsync(descriptor_) != 0) take_back(errno);
  }

 private:
  // Half a night would make the file unreadable, or a series of a part of the scenarios.
  [[noreturn]] void take_back(int error) const {
    if (::ftruncate(descriptor_, size_) != 0) fail(errno);
    fail(error);
  }
  [[noreturn]] void fail(int error) const { throw OutputError(path_.string() + ": " + std::strerror(error)); }

  fs::path path_;
  int descriptor_ = -1;
  off_t size_ = 0;
};

// The name of a new file is on the disk only when its folder is.
void sync_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read: nothing to be done
  static_cast<void>(::fsync(descriptor));
  ::close(descriptor);
}

constexpr const char* kOtherColumns = "holds other columns than this program writes, or in another order";

// Returns whether the file is new.
bool append_to(LockedHistory& history, std::span<const HistoryRow> rows) {
  const bool fresh = history.empty();
  std::string text = fresh ? history_header() : std::string();
  for (const HistoryRow& row : rows) text += history_line(row);
  history.append(text);
  return fresh;
}

}  // namespace

void prepare_history(const fs::path& file) {
  LockedHistory history(file);
  if (append_to(history, {})) {
    sync_folder_of(file);
    return;
  }
  static_cast<void>(read_history(file));
  if (!history.has_our_header()) throw CsvError(file.string() + ":1: " + kOtherColumns);
}

void append_history(const fs::path& file, std::span<const HistoryRow> rows) {
  LockedHistory history(file);
  if (!history.empty()) {
    if (!history.has_our_header()) throw OutputError(file.string() + ": " + kOtherColumns);
    if (!history.ends_with_a_line()) throw OutputError(file.string() + ": the last line is cut off");
  }
  if (append_to(history, rows)) sync_folder_of(file);
}

}  // namespace crosstalk::reports
