// left_right: two instances of the data. Readers read the one that is shown; a writer changes the other one, shows it, waits
// until the readers of the first have left, and makes the same change there. Source: Ramalhete and Correia, "Left-Right: A
// Concurrency Control Technique with Wait-Free Population Oblivious Reads" (2013).
//
//   shown  instance 0    instance 1
//   0      read          back: a writer runs f here      f throws: nothing has changed
//   1      draining      read                            the change is visible
//   1      f again       read
//   1      back          read                            write() returns
//
// Progress: read() is wait-free population oblivious: an addition and a subtraction on the thread's stripe
// (read_indicator.h says how it is found) around f. A read may read again. write() blocks: one writer at a time behind a std::mutex, and the
// grace period lasts as long as the longest read that has not seen the write. A write, or a read that writes, never returns
// if it is nested in a read or write of the same cell and thread.
//
// f of a write runs twice, on instances that are equal; the result is that of the first run. T is copied once, at the
// beginning, so that both are built the same way, and after an exception; a container with an allocator into the same memory.
// Errors: a write is all or nothing. If f throws in its first run nothing has changed; in its second run, the write has
// taken effect, the exception is swallowed, and the next write replaces that instance by a copy before all else. If that
// copy throws, nothing has changed, and the one after tries again.
//
// Probes: one for the writers' turns, and one in each instance, whose exclusive sections are a writer's; the grace period
// is the wait of the second one.
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
#include "pool/cells/read_indicator.h"
#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <std::copy_constructible T, LockProbe P = NoProbe>
class LeftRightCell {
 public:
  template <class... Args>
  requires std::constructible_from<T, Args...>
  explicit LeftRightCell(Args&&... args) {
    instances_[0].make(std::forward<Args>(args)...);
    instances_[1].make_copy_of(instances_[0]);
  }
  LeftRightCell(const LeftRightCell&) = delete;
  LeftRightCell& operator=(const LeftRightCell&) = delete;

  template <detail::ReadClosure<T> F>
  detail::ClosureResult<F, const T&> read(F&& f) const {
    const Stay stay(readers_);
    // (1) - seq_cst: after the arrival, in the single order with (2); acquire: synchronizes with (2).
    return instances_[shown_.load(std::memory_order_seq_cst)].read(f);
  }

  template <detail::WriteClosure<T> F>
  detail::ClosureResult<F, T&> write(F&& f) {
    std::unique_lock turn(writers_, std::defer_lock);
    const detail::ExclusiveSection<P> section(probe_, [&] { turn.lock(); });
    // relaxed: written by writers only, under the mutex.
    const std::uint32_t front = shown_.load(std::memory_order_relaxed);
    if (stale_) instances_[1 - front].make_copy_of(instances_[front]);
    stale_ = true;  // until f has run on both
    if constexpr (std::is_void_v<detail::ClosureResult<F, T&>>) {
      change(1 - front, f);
      show_and_repeat(1 - front, f);
    } else {
      auto result = change(1 - front, f);
      show_and_repeat(1 - front, f);
      return result;
    }
  }

 private:
  using Readers = ReadIndicator<kThreadNumbers>;

  class Stay {
   public:
    explicit Stay(Readers& readers) noexcept : place_(readers.arrive()) {}
    ~Stay() { Readers::depart(place_); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Readers::Place place_;
  };

  template <class F>
  detail::ClosureResult<F, T&> change(std::uint32_t back, F& f) {
    const detail::ExclusiveSection<P> section(instances_[back].probe());
    return f(instances_[back].data());
  }

  template <class F>
  void show_and_repeat(std::uint32_t changed, F& f) {
    // (2) - seq_cst: before the look for readers, in the single order with (1); release: f's changes, for (1).
    shown_.store(changed, std::memory_order_seq_cst);
    auto& other = instances_[1 - changed];
    const detail::ExclusiveSection<P> section(other.probe(), [&] { readers_.wait_for_readers(); });
    try {
      static_cast<void>(f(other.data()));
      stale_ = false;
    } catch (...) {  // the write has taken effect: the next one replaces this instance
    }
  }

  mutable Readers readers_;
  alignas(kCacheLine) std::atomic<std::uint32_t> shown_{0};
  alignas(kCacheLine) std::mutex writers_;
  bool stale_ = false;  // the instance that is not shown is not equal to the one that is
  [[no_unique_address]] P probe_;
  std::array<detail::CellInstance<T, P>, 2> instances_;
};

struct LeftRight {
  template <class T, class P>
  requires std::copy_constructible<T>
  using Cell = LeftRightCell<T, P>;

  static constexpr LockContract kContract{.shared = true,
                                          .parks = true,
                                          .algorithm = "left-right, striped read indicator, writers park",
                                          .source = "Ramalhete, Correia 2013"};
};

}  // namespace crosstalk::pool
