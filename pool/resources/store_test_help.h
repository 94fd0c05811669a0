// For tests of the message store: a folder of its own, and what one has been told.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "pool/resources/message_store.h"

namespace crosstalk::pool {

// Removed with everything in it at the end.
class StoreFolder {
 public:
  StoreFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-store-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path_ = name;
  }
  ~StoreFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string file() const { return (path_ / "chat.db").string(); }

 private:
  std::filesystem::path path_;
};

inline MessageStoreOptions store_options_at(const StoreFolder& folder) {
  MessageStoreOptions options;
  options.path = folder.file();
  options.queue_bytes = 1 << 16;
  return options;
}

inline NewMessage new_message(RoomId room, std::uint64_t sequence, const std::string& body) {
  return {.room = room,
          .sender = 7,
          .sequence = sequence,
          .time_ns = static_cast<std::int64_t>(sequence % 1'000'000'000) * 10,
          .body = body.data(),
          .bytes = static_cast<std::uint32_t>(body.size())};
}

inline std::vector<std::uint64_t> sequences_of(const std::vector<StoredMessage>& messages) {
  std::vector<std::uint64_t> sequences;
  for (const StoredMessage& message : messages) sequences.push_back(message.sequence);
  return sequences;
}

// Counts completions, and keeps which sequences (their tags) were acknowledged. Read it after flush() or close().
struct StoreTally {
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<int> last_fault{0};
  std::vector<std::uint64_t> sequences;  // written by the store's thread

  [[nodiscard]] Completion completion(std::uint64_t sequence) noexcept { return {&note, this, sequence}; }

 private:
  static void note(void* self, std::uint64_t sequence, StoreResult result) noexcept {
    auto& tally = *static_cast<StoreTally*>(self);
    if (result.ok()) {
      tally.sequences.push_back(sequence);
      ++tally.acknowledged;
    } else {
      tally.last_fault = static_cast<int>(result.fault);
      ++tally.failed;
    }
  }
};

inline bool store_balance(const MessageStoreStats& stats) {
  return stats.appended == stats.acknowledged + stats.failed + stats.queued;
}

}  // namespace crosstalk::pool
