// For tests and the verifier: the calls of the system of which the n-th from now on fails, and such as do as little as they may.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "pool/resources/file_calls.h"

namespace crosstalk::pool {

class FaultyFiles : public FileCalls {
 public:
  // The call with this number, counted from 1 from now on, fails with the code, and so do `more` calls after it.
  void fail_at(std::int64_t call, int code, std::int64_t more = 0) {
    const std::lock_guard lock(mutex_);
    code_ = code;
    first_ = call;
    last_ = call + more;
    calls_ = 0;
  }
  void work_again() { fail_at(-1, 0); }
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return first_ > 0 && calls_ >= first_;
  }

  int open(int folder, const char* name, int flags) noexcept override {
    return fails() ? -1 : FileCalls::open(folder, name, flags);
  }
  int lock(int file) noexcept override { return fails() ? -1 : FileCalls::lock(file); }
  ssize_t write(int file, const void* bytes, std::size_t count) noexcept override {
    return fails() ? -1 : FileCalls::write(file, bytes, count);
  }
  int sync(int file) noexcept override { return fails() ? -1 : FileCalls::sync(file); }
  int rename(int folder, const char* from, const char* to) noexcept override {
    return fails() ? -1 : FileCalls::rename(folder, from, to);
  }
  int rename_if_free(int folder, const char* from, const char* to) noexcept override {
    return fails() ? -1 : FileCalls::rename_if_free(folder, from, to);
  }
  int remove(int folder, const char* name) noexcept override {
    return fails() ? -1 : FileCalls::remove(folder, name);
  }

 private:
  bool fails() noexcept {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (first_ <= 0 || calls_ < first_ || calls_ > last_) return false;
    errno = code_;
    return true;
  }

  mutable std::mutex mutex_;  // guards the members below
  std::int64_t calls_ = 0;
  std::int64_t first_ = -1;
  std::int64_t last_ = -1;
  int code_ = 0;
};

// Every other call is interrupted by a signal, and no write or read takes more than a few bytes. For one thread.
class NarrowFiles : public FileCalls {
 public:
  int open(int folder, const char* name, int flags) noexcept override {
    return interrupted() ? -1 : FileCalls::open(folder, name, flags);
  }
  int lock(int file) noexcept override { return interrupted() ? -1 : FileCalls::lock(file); }
  ssize_t write(int file, const void* bytes, std::size_t count) noexcept override {
    return interrupted() ? -1 : FileCalls::write(file, bytes, std::min<std::size_t>(count, 7));
  }
  ssize_t read(int file, void* bytes, std::size_t count, std::uint64_t offset) noexcept override {
    return interrupted() ? -1 : FileCalls::read(file, bytes, std::min<std::size_t>(count, 5), offset);
  }
  int sync(int file) noexcept override { return interrupted() ? -1 : FileCalls::sync(file); }
  int rename(int folder, const char* from, const char* to) noexcept override {
    return interrupted() ? -1 : FileCalls::rename(folder, from, to);
  }
  int rename_if_free(int folder, const char* from, const char* to) noexcept override {
    return interrupted() ? -1 : FileCalls::rename_if_free(folder, from, to);
  }
  int remove(int folder, const char* name) noexcept override {
    return interrupted() ? -1 : FileCalls::remove(folder, name);
  }

 private:
  bool interrupted() noexcept {
    errno = EINTR;
    return calls_++ % 2 == 0;
  }

  unsigned calls_ = 0;
};

// A file system without RENAME_NOREPLACE, and what has been asked of it.
class PlainFiles : public FileCalls {
 public:
  explicit PlainFiles(int code) noexcept : code_(code) {}
  int rename_if_free(int /*folder*/, const char* /*from*/, const char* /*to*/) noexcept override {
    errno = code_;
    return -1;
  }
  int link(int folder, const char* from, const char* to) noexcept override {
    ++links;
    return FileCalls::link(folder, from, to);
  }

  unsigned links = 0;

 private:
  int code_;
};

}  // namespace crosstalk::pool
