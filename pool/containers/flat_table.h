// The tables of a FlatMap: home groups in one array, their slots in another, and blocks for what overflows a group. Every key
// has one home group, whose lock guards the group, its slots and its chain of blocks; so nothing is ever left behind where
// an entry was (no tombstones).
//
//   chain      home -> block -> block: entries go to blocks only while the home is full, and only the first block is ever
//              partly filled; a block that becomes empty goes back to the arena
//   successor  growing, a table has a successor with a multiple of its groups: group i moves into the groups
//              m * i .. m * i + m - 1, and nothing else does, so these need no lock while it happens
//
// Tables live as long as the map, so that a late reader finds memory; of a table that has moved the slots' pages go back.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pool/cache_line.h"
#include "pool/containers/flat_group.h"
#include "pool/containers/zeroed_memory.h"
#include "pool/executor/brief_lock.h"

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
  [[nodiscard]] Place find(std::uint8_t tag, const Q& key, const GoOn& go_on) const {
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
  // An empty slot, or none: then add() has to bring a block.
  [[nodiscard]] Place empty() const noexcept {
    Block* const block = block_after(*group_);
    FlatGroup* const group = block == nullptr ? group_ : &block->group;
    const unsigned free = group->empty();
    if (free == 0) return {};
    const auto index = static_cast<unsigned>(std::countr_zero(free));
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

// Where blocks come from; they never leave the map. Rarely used: some percent of the entries overflow where a table is full.
template <class Slot>
class FlatArena {
 public:
  using Block = FlatBlock<Slot>;

  // With empty tags. std::bad_alloc.
  Block* take() {
    for (;;) {
      {
        const std::lock_guard hold(lock_);
        if (free_ != nullptr) {
          Block* const block = free_;
          free_ = FlatHome<Slot>::block_after(block->group);
          return block;
        }
      }
      add_chunk();
    }
  }
  // A chain of blocks with empty tags.
  void give(Block* chain) noexcept {
    if (chain == nullptr) return;
    Block* last = chain;
    while (Block* const next = FlatHome<Slot>::block_after(last->group)) last = next;
    const std::lock_guard hold(lock_);
    last->group.set_next(free_);
    free_ = chain;
  }

 private:
  void add_chunk() {
    const std::lock_guard hold(chunks_lock_);
    const std::size_t count =
        std::min<std::size_t>(std::size_t{1} << std::min<std::size_t>(chunks_.size(), 10),
                              1 + (std::size_t{1} << 20) / sizeof(Block));
    chunks_.emplace_back(count * sizeof(Block));
    auto* const blocks = static_cast<Block*>(chunks_.back().data());
    for (std::size_t i = 0; i + 1 < count; ++i) blocks[i].group.next = &blocks[i + 1];
    give(blocks);
  }

  BriefLock lock_;  // guards free_
  Block* free_ = nullptr;
  std::mutex chunks_lock_;  // guards chunks_
  std::vector<ZeroedMemory> chunks_;
};

template <class Slot>
class FlatTable {
 public:
  // Pages of moved slots go back in pieces of this many groups.
  static constexpr std::size_t kPieceGroups =
      std::max<std::size_t>(64, (std::size_t{2} << 20) / (sizeof(Slot) * kGroupSlots) / 64 * 64);

  explicit FlatTable(std::size_t count)
      : count_(count),
        group_memory_(count * sizeof(FlatGroup)),
        slot_memory_(count * sizeof(Slot) * kGroupSlots),
        groups_(static_cast<FlatGroup*>(group_memory_.data())),
        slots_(static_cast<Slot*>(slot_memory_.data())),
        moved_in_piece_(std::make_unique<std::atomic<std::size_t>[]>(count / kPieceGroups + 1)) {}

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // The part of [0, count) in which the hash lies of all hashes. A multiple of `count` gives a multiple, plus less than that.
  [[nodiscard]] std::size_t index_of(std::uint64_t hash) const noexcept {
    __extension__ using Product = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Product>(hash) * count_) >> 64);
  }
  [[nodiscard]] FlatHome<Slot> home(std::size_t index) const noexcept {
    return {groups_ + index, slots_ + index * kGroupSlots};
  }
  [[nodiscard]] FlatTable* successor() const noexcept {
    // acquire: synchronizes with the release in set_successor().
    return successor_.load(std::memory_order_acquire);
  }
  void set_successor(std::unique_ptr<FlatTable> table) noexcept {
    // release: synchronizes with the acquire in successor().
    successor_.store(table.release(), std::memory_order_release);
  }
  // The next `most` groups to be moved belong to the caller; none if at or beyond count().
  [[nodiscard]] std::size_t claim(std::size_t most) noexcept {
    // relaxed: divides the groups; what is in them is ordered by their locks.
    return claimed_.fetch_add(most, std::memory_order_relaxed);
  }
  [[nodiscard]] bool all_claimed() const noexcept {
    // relaxed: a hint.
    return claimed_.load(std::memory_order_relaxed) >= count_;
  }
  // Groups [first, last) of one piece have moved. True for the one call with which all have.
  [[nodiscard]] bool moved(std::size_t first, std::size_t last) noexcept {
    const std::size_t piece = first / kPieceGroups;
    const std::size_t begin = piece * kPieceGroups;
    const std::size_t end = std::min(count_, begin + kPieceGroups);
    // acq_rel: the releases of all make the acquire of the last see that every group has moved.
    if (moved_in_piece_[piece].fetch_add(last - first, std::memory_order_acq_rel) + last - first ==
        end - begin) {
      slot_memory_.discard(begin * sizeof(Slot) * kGroupSlots, end * sizeof(Slot) * kGroupSlots);
    }
    // acq_rel: as above.
    return moved_.fetch_add(last - first, std::memory_order_acq_rel) + last - first == count_;
  }

 private:
  const std::size_t count_;
  ZeroedMemory group_memory_;
  ZeroedMemory slot_memory_;
  FlatGroup* const groups_;
  Slot* const slots_;
  std::atomic<FlatTable*> successor_{nullptr};  // owned by the FlatCore
  std::unique_ptr<std::atomic<std::size_t>[]> moved_in_piece_;
  alignas(kCacheLine) std::atomic<std::size_t> claimed_{0};
  std::atomic<std::size_t> moved_{0};
};

}  // namespace crosstalk::pool::detail
