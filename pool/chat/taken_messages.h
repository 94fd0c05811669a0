// taken_messages: what was taken out of an inbox, for one thread, used again and again. An inbox keeps 8 bytes a delivery; the
// rest of a Delivery is read from the message itself, after the inbox was let go.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <vector>

#include "pool/chat/message_arena.h"

namespace crosstalk::pool {

class TakenMessages {
 public:
  // Its memory comes from `memory`, which outlives it.
  explicit TakenMessages(std::pmr::memory_resource* memory = std::pmr::new_delete_resource())
      : messages_(memory), deliveries_(memory) {}

  // Room for `count` more. Throws std::bad_alloc; then nothing has changed.
  void reserve_more(std::size_t count) {
    const std::size_t needed = size_ + count;
    if (needed <= messages_.size()) return;
    const std::size_t larger = std::max(needed, 2 * messages_.size());
    if (deliveries_.size() < larger) deliveries_.resize(larger);
    messages_.resize(larger);
  }
  // There is room for them.
  void append(const Message* const* first, std::size_t count) noexcept {
    std::copy_n(first, count, messages_.data() + size_);
    size_ += count;
  }
  void clear() noexcept { size_ = 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const Message* const* messages() const noexcept { return messages_.data(); }
  // size() of them, valid until the next change.
  [[nodiscard]] const Delivery* deliveries() noexcept {
    const Message* const* const messages = messages_.data();
    std::transform(messages, messages + size_, deliveries_.data(), [](const Message* message) {
      return Delivery{message, message->sequence};
    });
    return deliveries_.data();
  }

 private:
  std::pmr::vector<const Message*> messages_;  // room: the first size_ are of value
  Deliveries deliveries_;                      // at least as much room
  std::size_t size_ = 0;
};

}  // namespace crosstalk::pool
