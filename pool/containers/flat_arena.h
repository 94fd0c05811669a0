// The blocks of a FlatMap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

#include "pool/containers/flat_home.h"
#include "pool/containers/zeroed_memory.h"
#include "pool/executor/brief_lock.h"

namespace crosstalk::pool::detail {

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

}  // namespace crosstalk::pool::detail
