// message_log: the posts of a server whose history is in a message store, read through a cache.
//
// append() returns when the store has taken the message in; that it is stored is told later, and only then does the history
// show it. Contract: once a post is acknowledged, no newest() that begins after that leaves it out. The cache holds the
// newest messages of a room as one page, which each acknowledgement of the room throws away.
//
// Progress: append() is that of MessageStore::append(): it blocks while the store's queue is full. newest() takes the cache's
// lock, and blocks on the disk if the page has to be loaded; concurrent readers of a room share one load.
// Errors: newest() answers false where the store cannot be read; a post that cannot be stored is told so to its watch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/resources/receipt.h"

namespace crosstalk::pool {

class MessageLog {
 public:
  static constexpr std::size_t kPages = 4096;  // rooms whose newest messages are kept in memory

  // `page_messages`: how many newest() can give. The store must outlive the log, and be flushed or closed before it ends;
  // so must `memory`, from which what waits for its acknowledgement comes.
  MessageLog(MessageStore& store, std::uint32_t page_messages,
             std::pmr::memory_resource* memory = std::pmr::new_delete_resource());
  MessageLog(const MessageLog&) = delete;
  MessageLog& operator=(const MessageLog&) = delete;
  // Waits until no acknowledgement is under way.
  ~MessageLog();

  void append(const Message& message, Completion persisted);
  // Appends up to `count` of the newest stored messages, oldest first, copied by `writer`, each with a reference of its own.
  [[nodiscard]] bool newest(RoomId room, std::uint32_t count, MessageArena::Writer& writer, Deliveries& out);
  // Returns once all that was appended before has been acknowledged.
  void settle();

 private:
  struct Pages;
  struct Pending;

  static void acknowledged(void* pending, std::uint64_t tag, StoreResult result) noexcept;

  MessageStore& store_;
  std::pmr::memory_resource* const memory_;
  const std::uint32_t page_messages_;
  std::unique_ptr<Pages> pages_;  // the cache: in the .cpp, for it is a lot to include
};

}  // namespace crosstalk::pool
