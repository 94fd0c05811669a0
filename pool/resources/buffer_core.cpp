#include "pool/resources/buffer_core.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace crosstalk::pool {

namespace {

constexpr std::byte kReleasedByte{0xDD};

// The slots that this thread has, in the pools that it has used. Destroyed at its end, maybe before the last buffer that
// it holds: `slots_gone` outlives everything.
struct ThreadSlots {
  struct Use {
    std::shared_ptr<BufferCore> core;
    BufferCore::Slot* slot;
  };
  std::vector<Use> uses;

  ~ThreadSlots();
  BufferCore::Slot* add(BufferCore& core);
};

thread_local bool slots_gone = false;
thread_local const BufferCore* last_core =
    nullptr;  // of the last use; held by the ThreadSlots, so no other can be there
thread_local BufferCore::Slot* last_slot = nullptr;

ThreadSlots& thread_slots() {
  thread_local ThreadSlots slots;
  return slots;
}

ThreadSlots::~ThreadSlots() {
  slots_gone = true;
  last_core = nullptr;
  for (const Use& use : uses) {
    if (use.slot != nullptr) use.core->leave_slot(*use.slot);
  }
}

BufferCore::Slot* ThreadSlots::add(BufferCore& core) {
  std::erase_if(uses, [](const Use& use) { return use.core->gone(); });
  uses.reserve(uses.size() + 1);
  uses.push_back(Use{core.shared_from_this(), core.claim_slot()});
  return uses.back().slot;
}

// This thread's slot in the pool; null if it has none. `keep` holds the core if the thread does not.
BufferCore::Slot* slot_of(BufferCore& core, std::shared_ptr<BufferCore>& keep) noexcept {
  if (last_core == &core) return last_slot;
  if (!slots_gone) {
    try {
      ThreadSlots& mine = thread_slots();
      const auto found = std::find_if(mine.uses.begin(), mine.uses.end(),
                                      [&](const auto& use) { return use.core.get() == &core; });
      last_core = nullptr;  // add() may let go of it
      last_slot = found != mine.uses.end() ? found->slot : mine.add(core);
      last_core = &core;
      return last_slot;
    } catch (const std::bad_alloc&) {  // then without a cache
    }
  }
  keep = core.shared_from_this();
  return nullptr;
}

}  // namespace

BufferCore::BufferCore(BufferPoolOptions options)
    : options_(std::move(options)),
      stride_((options_.block_bytes + kBlockAlign - 1) / kBlockAlign * kBlockAlign),
      memory_(static_cast<std::byte*>(
          ::operator new (options_.blocks_max* stride_, std::align_val_t{kBlockAlign}))),
      links_(std::make_unique<std::atomic<std::uint32_t>[]>(options_.blocks_max)) {
#ifdef NDEBUG
  constexpr bool kByBuild = false;
#else
  constexpr bool kByBuild = true;
#endif
  const bool checks =
      options_.checks == BufferChecks::on || (options_.checks == BufferChecks::by_build && kByBuild);
  if (checks) states_.reset(new std::atomic<std::uint8_t>[options_.blocks_max]());
  const auto blocks = static_cast<std::uint32_t>(options_.blocks_max);
  for (std::uint32_t i = 0; i + 1 < blocks; ++i) {
    // relaxed: no other thread is here yet.
    links_[i].store(i + 1, std::memory_order_relaxed);
  }
  common_.push(links_.get(), Chain{0, blocks - 1, blocks});
}

void BufferCore::add_one(Slot* slot, std::atomic<std::uint64_t> Slot::*count,
                         std::atomic<std::uint64_t>& rest) noexcept {
  // relaxed (all): statistics. The slot's has one writer, so it needs no read-modify-write.
  if (slot != nullptr) {
    (slot->*count).store((slot->*count).load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  } else {
    rest.fetch_add(1, std::memory_order_relaxed);
  }
}

std::byte* BufferCore::acquire(Deadline deadline, bool wait) {
  std::shared_ptr<BufferCore> keep;
  Slot* const slot = slot_of(*this, keep);
  std::uint32_t index = take(slot);
  if (index == IndexStack::kNone && wait) index = wait_for_block(slot, deadline);
  if (index == IndexStack::kNone) {
    // relaxed: a statistic.
    refused_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  add_one(slot, &Slot::acquired, acquired_);
  if (states_ != nullptr && !check_handed_out(index)) {
    static_cast<void>(release(block(index)));
    throw std::logic_error("buffer pool: block " + std::to_string(index) +
                           " was written to after it was given back");
  }
  return block(index);
}

std::uint32_t BufferCore::take(Slot* slot) noexcept {
  if (slot != nullptr) {
    const Chain own = slot->blocks.pop(links_.get(), 1);
    if (own.count != 0) {
      if (slot->kept > 0) --slot->kept;
      return own.first;
    }
    slot->kept = 0;
  }
  const bool caches = slot != nullptr && options_.thread_cache_blocks > 0;
  const auto batch = static_cast<std::uint32_t>(caches ? options_.thread_cache_blocks / 2 + 1 : 1);
  Chain chain = common_.pop(links_.get(), batch);
  if (chain.count != 0) {
    const std::uint32_t mine = chain.first;
    if (chain.count > 1) {
      // relaxed: the chain is this thread's.
      chain.first = links_[mine].load(std::memory_order_relaxed);
      --chain.count;
      slot->kept = chain.count;
      give(slot->blocks, chain);
    }
    return mine;
  }
  for (std::size_t i = 0; i < kSlots; ++i) {
    const Chain other = slots_[i].blocks.pop(links_.get(), 1);
    if (other.count == 0) continue;
    // relaxed: a statistic.
    if (&slots_[i] != slot) stolen_.fetch_add(1, std::memory_order_relaxed);
    return other.first;
  }
  return IndexStack::kNone;
}

std::uint32_t BufferCore::wait_for_block(Slot* slot, Deadline deadline) noexcept {
  // relaxed: a statistic.
  waited_.fetch_add(1, std::memory_order_relaxed);
  // (3) - seq_cst: comes before the looks at the stacks in the total order; (4) there.
  attention_.fetch_add(1, std::memory_order_seq_cst);
  std::uint32_t index = IndexStack::kNone;
  returned_.await(
      [&] {
        index = take(slot);
        return index != IndexStack::kNone;
      },
      deadline);
  // relaxed: who still sees the waiter notifies in vain.
  attention_.fetch_sub(1, std::memory_order_relaxed);
  return index;
}

// Every way into a stack leads through here.
void BufferCore::give(IndexStack& stack, const Chain& chain) noexcept {
  const std::uint32_t count = chain.count;
  stack.push(links_.get(), chain);
  // (4) - seq_cst: after the push in the total order. Either this sees the waiter (3), or the waiter sees the block. The
  // acquire in it synchronizes with the end of the pool (5).
  if (const std::uint32_t attention = attention_.load(std::memory_order_seq_cst); attention != 0)
    attend(count);
}

void BufferCore::attend(std::uint32_t count) noexcept {
  // acquire: as (4).
  if ((attention_.load(std::memory_order_acquire) & kClosed) != 0) {
    reclaim();
  } else if (count == 1) {
    returned_.notify_one();
  } else {
    returned_.notify_all();
  }
}

bool BufferCore::release(std::byte* block) noexcept {
  const auto from = reinterpret_cast<std::uintptr_t>(memory_.get());
  const auto offset = reinterpret_cast<std::uintptr_t>(block) - from;
  if (offset >= options_.blocks_max * stride_ || offset % stride_ != 0) {
    return report(BufferFault::foreign_pointer, 0, 1);
  }
  const auto index = static_cast<std::uint32_t>(offset / stride_);
  if (states_ != nullptr) {
    // acq_rel: of two that give back, one comes first; the block itself is handed over by the stack.
    if (states_[index].exchange(kFree, std::memory_order_acq_rel) != kOut) {
      return report(BufferFault::double_release, index, 1);
    }
    std::memset(block, static_cast<int>(kReleasedByte), options_.block_bytes);
  }
  std::shared_ptr<BufferCore> keep;
  Slot* const slot = slot_of(*this, keep);
  add_one(slot, &Slot::released, released_);
  const Chain chain{index, index, 1};
  if (slot == nullptr || options_.thread_cache_blocks == 0) {
    give(common_, chain);
    return true;
  }
  if (slot->kept >= options_.thread_cache_blocks) {
    const Chain half =
        slot->blocks.pop(links_.get(), static_cast<std::uint32_t>(options_.thread_cache_blocks + 1) / 2);
    slot->kept = half.count == 0 ? 0 : slot->kept - half.count;
    if (half.count != 0) give(common_, half);
  }
  ++slot->kept;
  give(slot->blocks, chain);
  return true;
}

bool BufferCore::check_handed_out(std::uint32_t index) noexcept {
  // acq_rel: as in release().
  if (states_[index].exchange(kOut, std::memory_order_acq_rel) != kFree)
    return true;  // fresh: nothing in it yet
  const std::span<std::byte> bytes = span(block(index));
  if (std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == kReleasedByte; }))
    return true;
  return report(BufferFault::written_after_release, index, 1);
}

// True if somebody was told.
bool BufferCore::report(BufferFault fault, std::size_t index, std::size_t count) noexcept {
  // relaxed: a statistic.
  faults_.fetch_add(1, std::memory_order_relaxed);
  if (!options_.on_fault) return false;
  try {
    options_.on_fault({.fault = fault, .block = index, .count = count});
  } catch (...) {  // promised in the header
  }
  return true;
}

void BufferCore::close() noexcept {
  // (5) - seq_cst: as (3): a block that comes home unseen by the reclaim() below reclaims itself.
  attention_.fetch_or(kClosed, std::memory_order_seq_cst);
  // Not blocks_max - recovered_ after the reclaim: a thread that gives back beside this takes blocks out of the stacks before
  // it counts them there, and they would be told as leaked.
  const std::uint64_t out = statistics().out();
  reclaim();
  if (out != 0) static_cast<void>(report(BufferFault::leak, 0, static_cast<std::size_t>(out)));
}

// Takes home what is in the stacks. The caller holds the core by other means than `self_`.
void BufferCore::reclaim() noexcept {
  const auto all = static_cast<std::uint32_t>(options_.blocks_max);
  std::size_t found = common_.pop(links_.get(), all).count;
  for (std::size_t i = 0; i < kSlots; ++i) found += slots_[i].blocks.pop(links_.get(), all).count;
  if (found == 0) return;
  // (6) - acq_rel: the release lets whoever brings the last block free the memory after all others have done with it, and
  // its acquire synchronizes with theirs.
  if (recovered_.fetch_add(found, std::memory_order_acq_rel) + found == options_.blocks_max) {
    memory_.reset();
    self_.reset();
  }
}

BufferCore::Slot* BufferCore::claim_slot() noexcept {
  for (std::size_t i = 0; i < kSlots; ++i) {
    bool owned = false;
    // (7) - acquire: synchronizes with the owner before (8).
    if (slots_[i].owned.compare_exchange_strong(owned, true, std::memory_order_acquire,
                                                std::memory_order_relaxed)) {  // relaxed: not taken, not read
      return &slots_[i];
    }
  }
  return nullptr;
}

void BufferCore::leave_slot(Slot& slot) noexcept {
  const Chain all = slot.blocks.pop(links_.get(), static_cast<std::uint32_t>(options_.blocks_max));
  if (all.count != 0) give(common_, all);
  slot.kept = 0;
  // (8) - release: synchronizes with the next owner (7).
  slot.owned.store(false, std::memory_order_release);
}

bool BufferCore::gone() const noexcept {
  // acquire: synchronizes with (6).
  return recovered_.load(std::memory_order_acquire) == options_.blocks_max;
}

BufferPoolStatistics BufferCore::statistics() const noexcept {
  BufferPoolStatistics sum;
  // relaxed (all): statistics.
  sum.acquired = acquired_.load(std::memory_order_relaxed);
  sum.released = released_.load(std::memory_order_relaxed);
  sum.refused = refused_.load(std::memory_order_relaxed);
  sum.waited = waited_.load(std::memory_order_relaxed);
  sum.stolen = stolen_.load(std::memory_order_relaxed);
  sum.faults = faults_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < kSlots; ++i) {
    sum.acquired += slots_[i].acquired.load(std::memory_order_relaxed);
    sum.released += slots_[i].released.load(std::memory_order_relaxed);
    sum.threads += slots_[i].owned.load(std::memory_order_relaxed) ? 1 : 0;
  }
  return sum;
}

}  // namespace crosstalk::pool
