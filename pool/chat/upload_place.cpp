#include "pool/chat/upload_place.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "pool/resources/file_error.h"
#include "pool/resources/file_store.h"

namespace crosstalk::pool {

namespace {

constexpr std::uint32_t kChunkBytes = 64 * 1024;

void upload(FileStore& files, RoomId room, std::uint64_t tag, std::uint32_t bytes) {
  std::array<std::byte, kChunkBytes> chunk;
  std::memset(chunk.data(), static_cast<int>(tag & 0xff), std::min(bytes, kChunkBytes));
  FileUpload file = files.begin("room-" + std::to_string(room), OnExisting::replace);
  for (std::uint32_t left = bytes; left > 0;) {
    const std::uint32_t now = std::min(left, kChunkBytes);
    file.write(std::span(chunk).first(now));
    left -= now;
  }
  file.commit();
}

}  // namespace

UploadPlace::UploadPlace(const ServerOptions& options)
    : memory_(memory_of(options)),
      files_(options.files),
      newest_(options.files == nullptr ? options.rooms : 0, memory_) {}

bool UploadPlace::keep(RoomId room, std::uint64_t tag, std::uint32_t bytes) {
  if (files_ != nullptr) {
    try {
      upload(*files_, room, tag, bytes);
      return true;
    } catch (const FileError&) {
      return false;
    }
  }
  Blob blob(bytes, static_cast<std::byte>(tag & 0xff), memory_);  // the last one dies here, after the lock
  const std::scoped_lock guard(lock_);
  newest_[room].swap(blob);
  return true;
}

}  // namespace crosstalk::pool
