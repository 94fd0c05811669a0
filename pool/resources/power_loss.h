// For tests: a file layer of SQLite over the usual one that knows what a power failure would leave. What was synced is on the
// disk; what was written since may be there or not, file by file. The power fails before the n-th sync from now on. One at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <sqlite3.h>

namespace crosstalk::pool {

class PowerLoss {
 public:
  static constexpr const char* kName = "crosstalk-power-loss";

  PowerLoss() {
    sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
    layer_ = *usual;
    layer_.zName = kName;
    layer_.pNext = nullptr;
    layer_.xOpen = &open;
    usual_open_ = usual->xOpen;
    state() = this;
    if (sqlite3_vfs_register(&layer_, 0) != SQLITE_OK) throw std::runtime_error("no file layer for the test");
  }
  ~PowerLoss() { sqlite3_vfs_unregister(&layer_); }
  PowerLoss(const PowerLoss&) = delete;
  PowerLoss& operator=(const PowerLoss&) = delete;

  // `failing` is called at that moment, by the thread that was about to sync. What happens after it reaches no disk.
  void fail_before(std::int64_t sync, std::function<void()> failing) {
    const std::lock_guard lock(mutex_);
    fails_before_ = sync;
    syncs_ = 0;
    failing_ = std::move(failing);
    failed_ = false;
  }
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  // Makes a file of what is left: with all that was ever written to it, or with what was synced only. None if it never was.
  static void leave(const std::filesystem::path& file, bool written, const std::filesystem::path& to) {
    std::filesystem::path from = file;
    from += written ? ".written" : ".synced";
    if (std::filesystem::exists(from)) std::filesystem::copy_file(from, to);
  }

 private:
  static PowerLoss*& state() {
    static PowerLoss* loss = nullptr;
    return loss;
  }

  static int open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = state()->usual_open_(sqlite3_vfs_find("unix"), name, file, flags, out);
    if (code != SQLITE_OK || file->pMethods == nullptr || name == nullptr) return code;
    state()->remember(file, name);
    file->pMethods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? changed<true>(file) : changed<false>(file);
    return SQLITE_OK;
  }

  template <bool kDatabase>
  static const sqlite3_io_methods* changed(const sqlite3_file* file) {
    static const sqlite3_io_methods* const usual = file->pMethods;
    static const sqlite3_io_methods methods = [] {
      sqlite3_io_methods exchanged = *usual;
      exchanged.xSync = [](sqlite3_file* of, int how) {
        const std::string path = state()->begin_sync(of);
        const int code = usual->xSync(of, how);
        if (code == SQLITE_OK && !path.empty()) copy(path, ".synced");
        return code;
      };
      return exchanged;
    }();
    return &methods;
  }

  static void copy(const std::string& path, const char* suffix) {
    std::error_code ignored;  // it may have been deleted
    std::filesystem::copy_file(path, path + suffix, std::filesystem::copy_options::overwrite_existing,
                               ignored);
  }

  void remember(sqlite3_file* file, const char* name) {
    const std::lock_guard lock(mutex_);
    paths_[file] = name;
  }
  // The path whose content is on the disk after this sync; empty when the power has failed.
  std::string begin_sync(sqlite3_file* file) {
    const std::lock_guard lock(mutex_);
    if (!failed_ && ++syncs_ == fails_before_) {
      failed_ = true;
      for (const auto& [any, path] : paths_) copy(path, ".written");
      failing_();
    }
    return failed_ ? std::string() : paths_[file];
  }

  sqlite3_vfs layer_{};
  int (*usual_open_)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
  mutable std::mutex mutex_;  // guards the members below
  std::map<sqlite3_file*, std::string> paths_;
  std::int64_t syncs_ = 0;
  std::int64_t fails_before_ = 0;
  std::function<void()> failing_;
  bool failed_ = false;
};

}  // namespace crosstalk::pool
