#include "pool/chat/upload_place.h"

#include <mutex>
#include <utility>

namespace crosstalk::pool {

UploadPlace::UploadPlace(const ServerOptions& options)
    : files_(options.files), newest_(options.files == nullptr ? options.rooms : 0) {}

bool UploadPlace::keep(RoomId room, std::uint64_t tag, std::uint32_t bytes) {
  auto blob = std::make_unique<Blob>(bytes, static_cast<std::byte>(tag & 0xff));
  const std::scoped_lock guard(lock_);
  newest_[room].swap(blob);
  return true;
}

}  // namespace crosstalk::pool
