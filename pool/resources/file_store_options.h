// How a file store is made, and what it has counted.
#pragma once

#include <chrono>
#include <cstdint>

#include "pool/resources/file_calls.h"

namespace crosstalk::pool {

// What it means that commit() returned. Whatever is left out, a name never shows a file that is not complete to anybody
// while the machine runs.
//
//   level    the process is killed     the machine loses power or the kernel crashes
//   none     the file is there         it may be gone, or damaged, which verify() finds; an error that the file system
//                                      reports only when it writes to the disk, or to its server, is not seen
//   synced   the file is there         the file is there, as far as the disk keeps its promises: contents, then name are
//                                      written through to it (fsync of the file, rename, fsync of the folder)
enum class FileDurability : std::uint8_t { none, synced };

// A name that is taken is refused, at begin() already if it is taken then; or its file is replaced, at commit(). Replacing
// costs more: ext4 for one begins to write the contents to the disk when a file is renamed over another.
enum class OnExisting : std::uint8_t { refuse, replace };

struct FileStoreOptions {
  static constexpr std::uint32_t kMostUploads = 65'536;
  static constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 40;

  std::uint32_t uploads_max = 8;                                 // at the same time
  std::uint64_t file_bytes_max = std::uint64_t{64} << 20;        // contents of one file
  std::chrono::nanoseconds wait_time = std::chrono::seconds(1);  // for a place, in begin(); 0: not at all
  FileDurability durability = FileDurability::synced;
  OnExisting on_existing = OnExisting::refuse;
  // Another set is for tests; it must outlive the store, its uploads and its readers.
  FileCalls* calls = &FileCalls::usual();

  // Throws std::invalid_argument.
  void check() const;
};

// Exact while nobody is inside a call:
//   calls of begin() = started + refused
//   started = committed + discarded + failed + active
struct FileStoreStats {
  std::uint64_t started = 0;
  std::uint64_t refused = 0;  // no upload came of it: bad name, taken name, no place in time, closed, no file
  std::uint64_t committed = 0;  // commit() returned
  std::uint64_t discarded = 0;  // ended before a commit()
  std::uint64_t failed = 0;     // ended by what write() or commit() threw
  std::uint64_t bytes = 0;      // contents of what was committed
  std::uint64_t waited = 0;     // calls of begin() that had to wait for a place, whatever the end
  std::uint64_t timed_out = 0;  // those of them that got none in time
  std::uint64_t cleaned = 0;    // partials of dead processes removed when the store was opened
  std::uint32_t active = 0;     // uploads of this moment
  std::uint32_t waiting = 0;    // of this moment
  std::chrono::nanoseconds longest_wait{0};
};

}  // namespace crosstalk::pool
