#include "pool/resources/message_store_options.h"

#include <stdexcept>

namespace crosstalk::pool {

namespace {

void check_range(const char* name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument("MessageStore: " + std::string(name) + " must be between " +
                              std::to_string(least) + " and " + std::to_string(most) + ", got " +
                              std::to_string(value));
}

}  // namespace

void MessageStoreOptions::check() const {
  if (path.empty() || path.find('\0') != std::string::npos) {
    throw std::invalid_argument("MessageStore: path must not be empty or hold a NUL");
  }
  check_range("queue_bytes", queue_bytes, kLeastQueueBytes, kMostQueueBytes);
  check_range("batch_entries", batch_entries, 1, 1 << 24);
  check_range("readers", readers, 1, kMostReaders);
  check_range("checkpoint_pages", checkpoint_pages, 1, 1 << 24);
  check_range("cache_kib", cache_kib, 64, 1 << 24);
  check_range("max_pages", max_pages, 0, 0xfffffffe);
}

}  // namespace crosstalk::pool
