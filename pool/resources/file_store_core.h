// file_store_core: what a file store shares with its uploads and readers: folder, options, places and counts. It lives as
// long as the last of them.
//
// A place is the right to have one upload; uploads_max of them exist. The semaphore hands them out, so nobody who waits is
// promised an order.
//
// Closing adds one permit to those of the semaphore, for the waiters: each that gets it gives it on, having seen the store
// closed. Nothing is begun any more then, so that a permit more breaks no bound.
//
// Progress: taking a place is lock-free where one is free, else blocks until the deadline; the rest is lock-free.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "pool/resources/file_folder.h"
#include "pool/resources/file_store_options.h"
#include "pool/sync/semaphore.h"

namespace crosstalk::pool {

enum class UploadEnd : std::uint8_t { committed, discarded, failed };

class FileStoreCore {
 public:
  // Throws FileError and std::invalid_argument.
  FileStoreCore(std::string path, const FileStoreOptions& options);

  [[nodiscard]] const FileFolder& folder() const noexcept { return folder_; }
  [[nodiscard]] const FileStoreOptions& options() const noexcept { return options_; }

  // Throws FileError: timed_out, closed. `name` is for its text.
  void take_place(Deadline deadline, const std::string& name);
  void give_place() noexcept;
  void close() noexcept;

  void count_refused() noexcept;
  void count_started() noexcept;
  // Gives the place back as well.
  void count_end(UploadEnd end, std::uint64_t bytes) noexcept;
  [[nodiscard]] FileStoreStats stats() const noexcept;

 private:
  using Count = std::atomic<std::uint64_t>;
  struct Counts {
    Count started{0};
    Count refused{0};
    Count committed{0};
    Count discarded{0};
    Count failed{0};
    Count bytes{0};
    Count waited{0};
    Count timed_out{0};
    Count active{0};
    Count waiting{0};
    Count longest_wait_ns{0};
  };

  bool wait_for_place(Deadline deadline) noexcept;
  void check_open(const std::string& name) const;

  FileStoreOptions options_;
  FileFolder folder_;
  std::uint64_t cleaned_;
  Semaphore places_;
  std::atomic<bool> closed_{false};
  Counts counts_;
};

}  // namespace crosstalk::pool
