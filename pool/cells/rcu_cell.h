// rcu_cell: copy on write. Readers read the current version; a writer copies it, changes the copy, publishes it, and waits
// until the readers of the old version have left before it destroys that and returns. Source: McKenney and Slingwine,
// "Read-Copy Update" (PDCS 1998); grace periods in reader_slots.h.
//
//   current  version 0        version 1
//   0        read             none
//   0        read             a copy; a writer runs f on it   f throws: it is destroyed, nothing has changed
//   1        draining         read                            the change is visible
//   1        none             read                            write() returns
//
// A grace period belongs to a write, and not, as elsewhere, to a reclaimer that runs behind: what a read does inside f comes
// before the return of every write that it has not seen, and memory is at most that of two versions.
//
// Progress: read() is wait-free: two stores to a slot of its own around f. A read may read again. write() blocks: one
// writer at a time behind a std::mutex, O(copy of T), and a grace period that lasts as long as the longest read that
// has not seen the write. A write nested in a read or write of the same cell and thread never returns.
//
// f of a write runs once, on a copy; a container with an allocator is copied into the same memory. Errors: a write is all or
// nothing: if the copy or f throws, nothing has changed.
//
// Probes: one for the writers' turns, and one for each of the two places, whose exclusive sections are the making of a version
// and its end; the grace period is the wait of the latter.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <type_traits>
#include <utility>

#include "pool/cache_line.h"
#include "pool/cells/cell_instance.h"
#include "pool/cells/probe_section.h"
#include "pool/cells/reader_slots.h"
#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <std::copy_constructible T, LockProbe P = NoProbe>
class RcuCell {
 public:
  template <class... Args>
  requires std::constructible_from<T, Args...>
  explicit RcuCell(Args&&... args) { versions_[0].make(std::forward<Args>(args)...); }
  RcuCell(const RcuCell&) = delete;
  RcuCell& operator=(const RcuCell&) = delete;

  template <detail::ReadClosure<T> F>
  detail::ClosureResult<F, const T&> read(F&& f) const {
    const ReaderSlots::Stay stay(readers_);
    // (1) - seq_cst: after the entry into the slot, in the single order with (2); acquire: synchronizes with (2).
    return versions_[current_.load(std::memory_order_seq_cst)].read(f);
  }

  template <detail::WriteClosure<T> F>
  detail::ClosureResult<F, T&> write(F&& f) {
    std::unique_lock turn(writers_, std::defer_lock);
    const detail::ExclusiveSection<P> section(probe_, [&] { turn.lock(); });
    // relaxed: written by writers only, under the mutex.
    const std::uint32_t old = current_.load(std::memory_order_relaxed);
    if constexpr (std::is_void_v<detail::ClosureResult<F, T&>>) {
      change_copy(old, f);
      replace(old);
    } else {
      auto result = change_copy(old, f);
      replace(old);
      return result;
    }
  }

 private:
  template <class F>
  detail::ClosureResult<F, T&> change_copy(std::uint32_t old, F& f) {
    auto& next = versions_[1 - old];
    const detail::ExclusiveSection<P> section(next.probe());
    next.make_copy_of(versions_[old]);
    try {
      return f(next.data());
    } catch (...) {
      next.destroy();
      throw;
    }
  }

  void replace(std::uint32_t old) {
    // (2) - seq_cst: before the look for readers, in the single order with (1); release: the new version, for (1).
    current_.store(1 - old, std::memory_order_seq_cst);
    const detail::ExclusiveSection<P> section(versions_[old].probe(), [&] { readers_.wait_for_readers(); });
    versions_[old].destroy();
  }

  mutable ReaderSlots readers_;
  alignas(kCacheLine) std::atomic<std::uint32_t> current_{0};
  alignas(kCacheLine) std::mutex writers_;
  [[no_unique_address]] P probe_;
  std::array<detail::CellInstance<T, P>, 2> versions_;
};

struct Rcu {
  template <class T, class P>
  requires std::copy_constructible<T>
  using Cell = RcuCell<T, P>;

  static constexpr LockContract kContract{
      .shared = true,
      .parks = true,
      .algorithm = "copy on write, a slot a reader, grace period a write, writers park",
      .source = "McKenney, Slingwine 1998; Desnoyers et al. 2012"};
};

}  // namespace crosstalk::pool
