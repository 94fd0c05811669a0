// A file that only grows, by whole texts: of what is appended all is there, or nothing.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "reports/output_error.h"

namespace crosstalk::reports {

enum class AppendMode {
  // On the disk when the system likes; others wait only for a Turn. May be a pipe or a terminal, which is always empty.
  plain,
  // Until it is closed, others that open it so wait; it is on the disk when append() returns. A regular file. Some network file
  // systems have no locks: one write of whole lines is then all there is, and enough but for two that find the disk full at once.
  shared,
};

// Owns the descriptor. Not for several threads. All throw OutputError.
class AppendFile {
 public:
  // Makes the file where there is none; its folder must be there.
  AppendFile(const std::filesystem::path& path, AppendMode mode);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // As long as one lives, others that append to the file wait, where its file system has locks: what is read of it stays so.
  class Turn {
   public:
    explicit Turn(AppendFile& file) : file_(file) { file_.begin_turn(); }
    ~Turn() { file_.end_turn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    AppendFile& file_;
  };

  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool begins_with(const std::string& text) const;
  [[nodiscard]] bool ends_with_newline() const;

  // In a turn of its own. On failure the file keeps its length.
  void append(const std::string& text);

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  void lock();
  void begin_turn();
  void end_turn();
  void sync(off_t before);
  [[noreturn]] void take_back(off_t length, int error);

  std::filesystem::path path_;
  AppendMode mode_;
  int descriptor_ = -1;
  int turns_ = 0;  // that are under way, one within the other
};

}  // namespace crosstalk::reports
