// topic_table: topics by name and type of event, open addressing, read without a lock.
//
// Invariant: a cell is filled once and never changes; at most three quarters are filled. Where that would be broken, or
// most topics have lost all subscribers, a table with only those that have some takes its place. The old table is
// retired, with the topics that it did not hand on, and freed once no pass reads it (PassSlot::table) and all older ones
// have been freed, since those hold the same topics.
//
// Looking a topic up allocates and changes nothing, whether it is there or not. Progress: find() is wait-free; changes
// are made under the bus's lock.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pool/events/subscriber_list.h"

namespace crosstalk::pool::detail {

struct TopicKey {
  const EventType* type;
  std::string_view name;
  std::size_t hash;
};

struct TopicState {
  explicit TopicState(const TopicKey& key) : type(key.type), name(key.name), hash(key.hash) {}

  const EventType* const type;
  const std::string name;
  const std::size_t hash;
  std::atomic<SubscriberList*> list{nullptr};  // written under the bus's lock
  std::size_t open = 0;                        // subscriptions, guarded by the bus's lock
};

class TopicTable {
 public:
  // With the topics of `from` that have subscriptions, and room for more. Throws std::bad_alloc.
  static std::unique_ptr<TopicTable> make(TopicTable* from) {
    std::size_t kept = 0;
    if (from != nullptr) {
      from->for_each([&](const TopicState& topic) { kept += topic.open > 0 ? 1 : 0; });
    }
    auto table = std::make_unique<TopicTable>(std::bit_ceil(kept * 2 + 8));
    if (from == nullptr) return table;
    from->dropped_.reserve(from->filled_ - kept);
    from->for_each([&](TopicState& topic) {
      if (topic.open > 0) {
        table->insert(topic);
      } else {
        from->dropped_.emplace_back(&topic);
      }
    });
    return table;
  }
  explicit TopicTable(std::size_t cells) : cells_(cells) {}

  [[nodiscard]] TopicState* find(const TopicKey& key) const noexcept {
    for (std::size_t i = key.hash & mask();; i = (i + 1) & mask()) {
      // (1) - acquire: synchronizes with insert() (2).
      TopicState* const topic = cells_[i].topic.load(std::memory_order_acquire);
      if (topic == nullptr) return nullptr;
      if (cells_[i].hash == key.hash && topic->type == key.type && topic->name == key.name) return topic;
    }
  }

  [[nodiscard]] bool full() const noexcept { return filled_ >= cells_.size() / 4 * 3; }
  [[nodiscard]] std::size_t filled() const noexcept { return filled_; }

  // There must be room.
  void insert(TopicState& topic) noexcept {
    std::size_t i = topic.hash & mask();
    // relaxed: written under the bus's lock, which is held.
    while (cells_[i].topic.load(std::memory_order_relaxed) != nullptr) i = (i + 1) & mask();
    cells_[i].hash = topic.hash;
    // (2) - release: synchronizes with find() (1).
    cells_[i].topic.store(&topic, std::memory_order_release);
    ++filled_;
  }

  template <class F>
  void for_each(F&& f) const {
    for (const Cell& cell : cells_) {
      // acquire: as (1).
      if (TopicState* const topic = cell.topic.load(std::memory_order_acquire); topic != nullptr) f(*topic);
    }
  }

  std::unique_ptr<TopicTable> next_retired;  // guarded by the bus's lock

 private:
  struct Cell {
    std::size_t hash = 0;
    std::atomic<TopicState*> topic{nullptr};
  };
  [[nodiscard]] std::size_t mask() const noexcept { return cells_.size() - 1; }

  std::vector<Cell> cells_;
  std::size_t filled_ = 0;
  std::vector<std::unique_ptr<TopicState>> dropped_;
};

}  // namespace crosstalk::pool::detail
