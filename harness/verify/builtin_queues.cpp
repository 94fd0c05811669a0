// Our queues: a session's inbox and the queue of the message store, as the verifier calls them; the latter with and without waiting.
#include <deque>
#include <memory>
#include <utility>

#include "harness/verify/component.h"
#include "harness/verify/queue_cases.h"
#include "harness/verify/sync_cases.h"
#include "pool/chat/inbox.h"
#include "pool/resources/write_queue.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::uint32_t kInboxPlaces = 16;
constexpr std::size_t kStorePlaces = 16;

class InboxQueue final : public QueueOnTrial {
 public:
  explicit InboxQueue(unsigned threads) : sent_(threads), limit_(options()) {}
  bool push(unsigned thread, std::uint64_t value) override {
    // A message of its own for each: it stays where it is until the queue goes.
    const pool::Message& message = sent_[thread].emplace_back(pool::Message{.tag = value});
    return inbox_.push(inbox_.generation(), &message, limit_).stored;
  }
  void pop(unsigned, std::vector<std::uint64_t>& taken) override {
    pool::TakenMessages messages;
    inbox_.receive(messages);
    for (std::size_t i = 0; i < messages.size(); ++i) taken.push_back(messages.messages()[i]->tag);
  }

 private:
  static pool::ServerOptions options() {
    pool::ServerOptions options;
    options.inbox_policy = pool::InboxPolicy::drop_newest;
    options.inbox_capacity = kInboxPlaces;
    return options;
  }

  std::vector<std::deque<pool::Message>> sent_;
  const pool::InboxLimit limit_;
  pool::Inbox inbox_;
};

class StoreQueue final : public QueueOnTrial {
 public:
  explicit StoreQueue(unsigned) : queue_(kStorePlaces * sizeof(pool::WriteEntry)) {}
  ~StoreQueue() override { queue_.close(); }
  bool push(unsigned, std::uint64_t value) override {
    pool::WriteEntry entry;
    entry.sequence = value;
    return queue_.push(entry, nullptr, pool::Deadline{}) == pool::AppendStatus::queued;
  }
  void pop(unsigned, std::vector<std::uint64_t>& taken) override {
    if (queue_.size() == 0) return;  // take() would wait
    const pool::WriteBatch batch = queue_.take();
    const pool::WriteEntry* entry = batch.first;
    for (std::size_t i = 0; i < batch.entries; ++i, entry = &entry->next()) taken.push_back(entry->sequence);
  }

 private:
  pool::WriteQueue queue_;
};

class StoreBlockingQueue final : public BlockingQueueOnTrial {
 public:
  explicit StoreBlockingQueue(std::size_t entries) : queue_(entries * sizeof(pool::WriteEntry)) {}
  Put push(const Item& item, std::chrono::nanoseconds time) override {
    pool::WriteEntry entry;
    entry.kind = pool::WriteKind::message;
    entry.room = static_cast<pool::RoomId>(item.sender);
    entry.sequence = item.number;
    const auto deadline = time.count() == 0 ? pool::Deadline{} : pool::deadline_in(time);
    switch (queue_.push(entry, nullptr, deadline)) {
      case pool::AppendStatus::queued:
        return Put::queued;
      case pool::AppendStatus::closed:
        return Put::closed;
      default:
        return Put::full;
    }
  }
  std::vector<Item> take() override {
    const pool::WriteBatch batch = queue_.take();
    std::vector<Item> items;
    const pool::WriteEntry* entry = batch.first;
    for (std::size_t i = 0; i < batch.entries; ++i) {
      items.push_back({entry->room, entry->sequence});
      entry = &entry->next();
    }
    return items;
  }
  void close() override { queue_.close(); }

 private:
  pool::WriteQueue queue_;
};

template <class Queue>
AnyQueue queue_of(QueueContract contract, std::size_t capacity) {
  return {[](unsigned threads) { return std::make_unique<Queue>(threads); }, contract, capacity};
}

std::vector<VerifyCase> write_queue_cases() {
  // While one half is written the other one takes what comes: how much it holds depends on when it is asked.
  std::vector<VerifyCase> cases = queue_cases(queue_of<StoreQueue>(
      {.exact_empty = false, .exact_full = false, .one_consumer = true, .batches = true}, kStorePlaces));
  for (VerifyCase& one : blocking_queue_cases(
           {[](std::size_t entries) { return std::make_unique<StoreBlockingQueue>(entries); }}))
    cases.push_back(std::move(one));
  return cases;
}

}  // namespace

void add_builtin_queues(std::vector<Component>& all) {
  all.push_back({.name = "queue/inbox",
                 .promises = "first in, first out; empty or full only when it is",
                 .cases = queue_cases(queue_of<InboxQueue>({.batches = true}, kInboxPlaces))});
  all.push_back({.name = "queue/write_queue",
                 .promises = "bounded, first in, first out, one consumer, nothing lost at the end",
                 .cases = write_queue_cases()});
}

}  // namespace crosstalk::harness::verify
