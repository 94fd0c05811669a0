// A home group of a FlatMap with its slots and the blocks that hold what overflows it. Every key has one home, whose lock
// guards all three; so nothing is ever left behind where an entry was (no tombstones).
//
//   chain    home -> block -> block: entries go to blocks only while the home is full, and only the first block is ever
//            partly filled; a block that becomes empty goes back to the arena
#pragma once

#include <bit>
#include <cstdint>

#include "pool/containers/flat_group.h"

namespace crosstalk::pool::detail {

template <class Slot>
struct FlatBlock {
  FlatGroup group;
  Slot slots[kGroupSlots];
};

// Where an entry is, or could be; none: slot is null.
template <class Slot>
struct FlatPlace {
  FlatGroup* group = nullptr;
  Slot* slot = nullptr;
  unsigned index = 0;
  explicit operator bool() const noexcept { return slot != nullptr; }
};

// A home group with its slots and its chain. All but the constructor need the group held.
template <class Slot>
class FlatHome {
 public:
  using Block = FlatBlock<Slot>;
  using Place = FlatPlace<Slot>;

  FlatHome() = default;
  FlatHome(FlatGroup* group, Slot* slots) noexcept : group_(group), slots_(slots) {}

  [[nodiscard]] FlatGroup& group() const noexcept { return *group_; }
  [[nodiscard]] Slot* slots() const noexcept { return slots_; }

  // go_on() is asked before each step along the chain, for readers without the lock: it need not be a chain any more.
  template <class Q, class GoOn>
  [[nodiscard]] [[gnu::always_inline]] Place find(std::uint8_t tag, const Q& key, const GoOn& go_on) const {
    FlatGroup* group = group_;
    for (Slot* slots = slots_;;) {
      for (unsigned left = group->matches(tag); left != 0; left &= left - 1) {
        const auto index = static_cast<unsigned>(std::countr_zero(left));
        if (slots[index].has_key(key)) return {group, slots + index, index};
      }
      Block* const block = block_after(*group);
      if (block == nullptr || !go_on()) [[likely]]
        return {};
      group = &block->group;
      slots = block->slots;
    }
  }
  // An empty slot, the one at `preferred` if possible; or none: then add() has to bring a block.
  [[nodiscard]] Place empty(unsigned preferred) const noexcept {
    Block* const block = block_after(*group_);
    FlatGroup* const group = block == nullptr ? group_ : &block->group;
    const unsigned free = group->empty();
    if (free == 0) return {};
    const auto from_preferred =
        static_cast<unsigned>(std::countr_zero((free | free << kGroupSlots) >> preferred));
    const unsigned index = (preferred + from_preferred) % kGroupSlots;
    return {group, (block == nullptr ? slots_ : block->slots) + index, index};
  }
  void add(Block* block) const noexcept {
    block->group.set_next(load_relaxed(group_->next));
    group_->set_next(block);
  }
  // After the entry in `place` has gone. Returns a block that is no longer needed, or null.
  [[nodiscard]] Block* vacate(const Place& place) const noexcept {
    place.group->set_tag(place.index, 0);
    Block* const block = block_after(*group_);
    if (block == nullptr) return nullptr;
    if (&block->group != place.group) {
      const auto last = static_cast<unsigned>(std::countr_zero(block->group.used()));
      block->slots[last].move_to(*place.slot);
      place.group->set_tag(place.index, block->group.tag(last));
      block->group.set_tag(last, 0);
    }
    if (block->group.used() != 0) return nullptr;
    group_->set_next(load_relaxed(block->group.next));
    block->group.set_next(nullptr);  // what followed stays here
    return block;
  }
  // f(Slot&) on every entry.
  template <class F>
  void for_each(F&& f) const {
    FlatGroup* group = group_;
    for (Slot* slots = slots_;;) {
      for (unsigned left = group->used(); left != 0; left &= left - 1) f(slots[std::countr_zero(left)]);
      Block* const block = block_after(*group);
      if (block == nullptr) return;
      group = &block->group;
      slots = block->slots;
    }
  }
  // Takes every entry out: f(Slot&) has moved it away or destroyed it when it returns. The blocks, as a chain.
  template <class F>
  [[nodiscard]] Block* drain(F&& f) const {
    for_each(f);
    Block* const first = block_after(*group_);
    for (Block* block = first; block != nullptr; block = block_after(block->group)) clear_tags(block->group);
    clear_tags(*group_);
    group_->set_next(nullptr);
    return first;
  }
  static Block* block_after(const FlatGroup& group) noexcept {
    return static_cast<Block*>(load_acquire(group.next));
  }
  static void clear_tags(FlatGroup& group) noexcept {
    for (std::uint64_t& tags : group.tags) store_release(tags, std::uint64_t{0});
  }

 private:
  FlatGroup* group_ = nullptr;
  Slot* slots_ = nullptr;
};

}  // namespace crosstalk::pool::detail
