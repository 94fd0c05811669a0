// For tests and the verifier: a file layer of SQLite over the usual one, in which the n-th write or sync from now on fails. One at a time.
#pragma once

#include <cstdint>
#include <mutex>
#include <stdexcept>

#include <sqlite3.h>

namespace crosstalk::pool {

class FaultyDisk {
 public:
  static constexpr const char* kName = "crosstalk-faulty";

  FaultyDisk() {
    sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
    layer_ = *usual;
    layer_.zName = kName;
    layer_.pNext = nullptr;
    layer_.xOpen = &open;
    usual_open_ = usual->xOpen;
    state() = this;
    if (sqlite3_vfs_register(&layer_, 0) != SQLITE_OK) throw std::runtime_error("no file layer for the test");
  }
  ~FaultyDisk() { sqlite3_vfs_unregister(&layer_); }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The call with this number, counted from 1 from now on, fails with the code, and so do `more` calls after it.
  // SQLITE_IOERR stands for SQLITE_IOERR_WRITE in a write and SQLITE_IOERR_FSYNC in a sync.
  void fail_at(std::int64_t call, int code, std::int64_t more = 0) {
    const std::lock_guard lock(mutex_);
    code_ = code;
    first_ = call;
    last_ = call + more;
    calls_ = 0;
  }
  void work_again() { fail_at(-1, SQLITE_OK); }
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return first_ > 0 && calls_ >= first_;
  }

 private:
  static FaultyDisk*& state() {
    static FaultyDisk* disk = nullptr;
    return disk;
  }

  // The usual layer's file, with two of its methods exchanged. Databases have other methods (they lock) than logs.
  static int open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = state()->usual_open_(sqlite3_vfs_find("unix"), name, file, flags, out);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    file->pMethods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? changed<true>(file) : changed<false>(file);
    return SQLITE_OK;
  }

  template <bool kDatabase>
  static const sqlite3_io_methods* changed(const sqlite3_file* file) {
    static const sqlite3_io_methods* const usual = file->pMethods;
    static const sqlite3_io_methods methods = [] {
      sqlite3_io_methods exchanged = *usual;
      exchanged.xWrite = [](sqlite3_file* to, const void* data, int bytes, sqlite3_int64 offset) {
        const int fault = state()->fault(SQLITE_IOERR_WRITE);
        return fault != SQLITE_OK ? fault : usual->xWrite(to, data, bytes, offset);
      };
      exchanged.xSync = [](sqlite3_file* of, int how) {
        const int fault = state()->fault(SQLITE_IOERR_FSYNC);
        return fault != SQLITE_OK ? fault : usual->xSync(of, how);
      };
      return exchanged;
    }();
    return &methods;
  }

  int fault(int io_code) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (first_ <= 0 || calls_ < first_ || calls_ > last_) return SQLITE_OK;
    return code_ == SQLITE_IOERR ? io_code : code_;
  }

  sqlite3_vfs layer_{};
  int (*usual_open_)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
  mutable std::mutex mutex_;  // guards the members below
  std::int64_t calls_ = 0;
  std::int64_t first_ = -1;
  std::int64_t last_ = -1;
  int code_ = SQLITE_OK;
};

}  // namespace crosstalk::pool
