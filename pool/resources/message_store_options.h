// How a message store is made.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace crosstalk::pool {

// What an acknowledgement is worth.
//
//   level    the process is killed     the machine loses power or the kernel crashes
//   none     everything is there       anything may be lost, and the file may be damaged (synchronous=OFF)
//   normal   everything is there       the file stays sound, the last acknowledged may be lost (synchronous=NORMAL)
//   full     everything is there       everything is there, as far as the disk keeps its promises (synchronous=FULL:
//                                      the log is written through to the disk before each acknowledgement)
enum class Durability : std::uint8_t { none, normal, full };

struct MessageStoreOptions {
  static constexpr std::size_t kLeastQueueBytes = 4096;
  static constexpr std::size_t kMostQueueBytes = std::size_t{1} << 34;
  static constexpr unsigned kMostReaders = 1024;

  std::string path;  // of the file; SQLite puts path-wal and path-shm beside it
  Durability durability = Durability::normal;
  // Bounds what waits for the writer, and so a batch; an entry takes its body and 64 bytes. A second piece of this size
  // holds what is being written. Memory that is never filled costs nothing.
  std::size_t queue_bytes = std::size_t{4} << 20;
  std::uint32_t batch_entries = 16'384;  // at most so many in one transaction
  unsigned readers = 2;                  // connections for reading, beside the writer's
  std::chrono::nanoseconds busy_time =
      std::chrono::seconds(2);  // how long a transaction is tried while others write
  std::chrono::nanoseconds read_time = std::chrono::seconds(5);  // how long a reader waits for a connection
  std::uint32_t checkpoint_pages = 8192;  // pages in the log before the writer moves them into the file
  std::uint32_t cache_kib = 16'384;       // page cache of each connection
  std::uint64_t max_pages = 0;            // bound of the file in pages of 4096 bytes; 0: none
  std::string vfs;                        // name of a registered file layer of SQLite; empty: the usual one

  // Throws std::invalid_argument.
  void check() const;
};

}  // namespace crosstalk::pool
