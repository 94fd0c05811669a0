// A table of a FlatMap: home groups in one array, their slots in another.
//
//   successor  growing, a table has a successor with a multiple of its groups: group i moves into the groups
//              m * i .. m * i + m - 1, and nothing else does, so these need no lock while it happens
//
// Tables live as long as the map, so that a late reader finds memory; of a table that has moved the slots' pages go back.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "pool/cache_line.h"
#include "pool/containers/flat_home.h"
#include "pool/containers/zeroed_memory.h"

namespace crosstalk::pool::detail {

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
        preferred_mask_(slot_memory_.size() > kCached ? kGroupSlots - 1 : 0),
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
  // Which slot an entry takes if it is free: in a table that caches hold the first, which packs the entries; in a bigger one
  // any, by bits of the hash that are neither tag nor index.
  [[nodiscard]] unsigned preferred_of(std::uint64_t hash) const noexcept {
    return static_cast<unsigned>(hash >> 8) & preferred_mask_;
  }
  // Where memory is far away: two entries of three are where they prefer to be, so that place is fetched together with the
  // group that tells.
  void prefetch(const FlatHome<Slot>& home, std::uint64_t hash) const noexcept {
    if (preferred_mask_ != 0) home.slots()[preferred_of(hash)].prefetch();
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
  static constexpr std::size_t kCached = std::size_t{4} << 20;  // more than most second-level caches hold

  const std::size_t count_;
  ZeroedMemory group_memory_;
  ZeroedMemory slot_memory_;
  FlatGroup* const groups_;
  Slot* const slots_;
  const unsigned preferred_mask_;
  std::atomic<FlatTable*> successor_{nullptr};  // owned by the FlatCore
  std::unique_ptr<std::atomic<std::size_t>[]> moved_in_piece_;
  alignas(kCacheLine) std::atomic<std::size_t> claimed_{0};
  std::atomic<std::size_t> moved_{0};
};

}  // namespace crosstalk::pool::detail
