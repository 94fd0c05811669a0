// upload_place: where a server keeps the files that members upload to rooms: the newest of each room, in a file store or in
// memory.
//
// Progress: keep() writes all bytes, and blocks as the file store does; in memory it then holds a small lock for O(1).
// Errors: false where the disk refused; std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

class UploadPlace {
 public:
  explicit UploadPlace(const ServerOptions& options);
  UploadPlace(const UploadPlace&) = delete;
  UploadPlace& operator=(const UploadPlace&) = delete;

  // A file of `bytes` bytes, each the low byte of `tag`, takes the place of the room's last one.
  [[nodiscard]] bool keep(RoomId room, std::uint64_t tag, std::uint32_t bytes);

 private:
  using Blob = std::pmr::vector<std::byte>;

  std::pmr::memory_resource* const memory_;
  FileStore* const files_;
  TtasLock lock_;                  // guards what newest_ holds
  std::pmr::vector<Blob> newest_;  // by room; empty with a file store
};

}  // namespace crosstalk::pool
