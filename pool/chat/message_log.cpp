#include "pool/chat/message_log.h"

#include <algorithm>
#include <chrono>

#include "pool/containers/cache.h"
#include "pool/locks/rw_lock.h"
#include "pool/memory_ptr.h"
#include "pool/resources/message_store.h"

namespace crosstalk::pool {

namespace {

std::int64_t wall_clock_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

struct MessageLog::Pages {
  using Page = std::vector<StoredMessage>;
  Cache<RoomId, Page, RwLock> cache{{.entries_max = kPages, .shards = 16}};
};

// What the store's thread needs to know of a message; one for each that is not yet acknowledged.
struct MessageLog::Pending {
  Pending(MessageLog& to, RoomId in, Completion tell) noexcept : log(to), room(in), persisted(tell) {}

  MessageLog& log;
  RoomId room;
  Completion persisted;
};

MessageLog::MessageLog(MessageStore& store, std::uint32_t page_messages, std::pmr::memory_resource* memory)
    : store_(store), memory_(memory), page_messages_(page_messages), pages_(std::make_unique<Pages>()) {}

MessageLog::~MessageLog() {
  store_.flush();
}

void MessageLog::settle() {
  store_.flush();
}

void MessageLog::append(const Message& message, Completion persisted) {
  MemoryPtr<Pending> pending = make_in<Pending>(memory_, *this, message.room, persisted);
  const NewMessage stored{.room = message.room,
                          .sender = message.sender,
                          .sequence = message.sequence,
                          .time_ns = wall_clock_ns(),
                          .body = message.body(),
                          .bytes = message.bytes};
  const AppendStatus status = store_.append(stored, {&MessageLog::acknowledged, pending.get(), 0});
  if (status == AppendStatus::queued) {
    static_cast<void>(pending.release());  // acknowledged() has it
    return;
  }
  persisted({status == AppendStatus::closed ? StoreFault::closed : StoreFault::full, 0});
}

void MessageLog::acknowledged(void* pending, std::uint64_t /*tag*/, StoreResult result) noexcept {
  auto* const mine = static_cast<Pending*>(pending);
  const MemoryPtr<Pending> own(mine, MemoryDelete<Pending>(mine->log.memory_));
  if (result.ok()) own->log.pages_->cache.invalidate(own->room);
  own->persisted(result);
}

bool MessageLog::newest(RoomId room, std::uint32_t count, MessageArena::Writer& writer, Deliveries& out) {
  std::shared_ptr<const Pages::Page> page;
  try {
    page = pages_->cache.get_or_load(
        room, [this](RoomId id) { return store_.history(id, kLastSequence + 1, page_messages_); });
  } catch (const StoreError&) {
    return false;
  }
  const std::size_t asked = std::min<std::size_t>(count, page->size());
  for (auto stored = page->end() - static_cast<std::ptrdiff_t>(asked); stored != page->end(); ++stored) {
    const std::uint64_t tag =
        stored->body.empty() ? 0 : static_cast<unsigned char>(stored->body.front());  // see MessageArena
    Message* const message = writer.copy(room, stored->sender, tag, stored->body);
    message->sequence = stored->sequence;
    MessageArena::acquire(message, 1);
    out.push_back({message, stored->sequence});
  }
  return true;
}

}  // namespace crosstalk::pool
