#include "pool/resources/file_store_options.h"

#include <stdexcept>
#include <string>

namespace crosstalk::pool {

void FileStoreOptions::check() const {
  const auto refuse = [](const std::string& what, const std::string& got) {
    throw std::invalid_argument("FileStore: " + what + ", got " + got);
  };
  if (uploads_max < 1 || uploads_max > kMostUploads) {
    refuse("uploads_max must be between 1 and " + std::to_string(kMostUploads), std::to_string(uploads_max));
  }
  if (file_bytes_max > kMostFileBytes) {
    refuse("file_bytes_max must be at most " + std::to_string(kMostFileBytes),
           std::to_string(file_bytes_max));
  }
  if (wait_time < std::chrono::nanoseconds(0)) {
    refuse("wait_time must be at least 0 ns", std::to_string(wait_time.count()) + " ns");
  }
  if (calls == nullptr) refuse("calls must not be null", "null");
}

}  // namespace crosstalk::pool
