// hemlock: first come, first served, with one word per lock and one per thread, however many locks a thread holds (Dice and
// Kogan, Hemlock: Compact and Scalable Mutual Exclusion, SPAA 2021, listing 1).
//
// tail_ is null when the lock is free, else the word of the thread that came last. A thread's word, its `grant`, is
//
//   grant         | meaning
//   null          | nothing to hand over
//   address of L  | its thread is leaving lock L, and the one behind it in L's line may enter
//
// Who waits looks at the word of the thread ahead until this lock's address stands there, and empties it: that is the
// receipt, for which unlock() waits. So the word is always empty between two operations of its thread, one word is enough for
// any number of locks, and nobody looks at it any more when the thread ends.
//
// A thread may hold any number of locks and release them in any order; it must release them itself, and before it ends. The
// lock may be destroyed as soon as the last one has got in and out. Where several threads wait for different locks of one
// holder, they spin on one word.
//
// Progress: lock() blocks, FIFO: its place is taken in one step; try_lock() is wait-free and fails while anybody is there;
// unlock() blocks until the next one has taken over. Waiters spin, then yield, and never sleep (spin_then_yield.h). No errors,
// no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/contract.h"
#include "pool/locks/spin_then_yield.h"

namespace crosstalk::pool {

class Hemlock {
 public:
  static constexpr LockContract kContract{.fairness = Fairness::fifo,
                                          .bypass_bound = 0,
                                          .algorithm = "queue without nodes, a word per thread, yield",
                                          .source = "Dice, Kogan 2021"};

  Hemlock() = default;
  Hemlock(const Hemlock&) = delete;
  Hemlock& operator=(const Hemlock&) = delete;

  void lock() noexcept {
    // (1) - acquire: synchronizes with the release of who left last (3). release: pairs with the acquire of who comes next
    // and looks at the word behind the pointer.
    const auto ahead = tail_.exchange(&own_word_, std::memory_order_acq_rel);
    if (ahead != nullptr) wait_for(*ahead);
  }

  [[nodiscard]] bool try_lock() noexcept {
    Word* free = nullptr;
    // (2) - acquire and release: as (1). relaxed: a failure leads nowhere.
    return tail_.compare_exchange_strong(free, &own_word_, std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
  }

  void unlock() noexcept {
    Word* last = &own_word_;
    // (3) - release: synchronizes with (1) and (2). relaxed: a failure means that somebody waits, who gets the lock below.
    if (!tail_.compare_exchange_strong(last, nullptr, std::memory_order_release, std::memory_order_relaxed)) {
      hand_over();
    }
  }

  // For tests: changes whenever somebody joins the line.
  [[nodiscard]] std::uint64_t line_end() const noexcept {
    // relaxed: a value to compare, nothing is read through it.
    return reinterpret_cast<std::uintptr_t>(tail_.load(std::memory_order_relaxed));
  }

 private:
  struct alignas(kCacheLine) Word {
    std::atomic<const Hemlock*> grant{nullptr};
  };

  [[gnu::cold]] [[gnu::noinline]] void wait_for(Word& ahead) noexcept {
    SpinThenYield wait;
    // (4) - acquire: synchronizes with the release of the holder (6).
    while (ahead.grant.load(std::memory_order_acquire) != this) wait.pause();
    // (5) - release: pairs with (7): this thread is done with the word when its owner goes on.
    ahead.grant.store(nullptr, std::memory_order_release);
  }

  [[gnu::cold]] [[gnu::noinline]] void hand_over() noexcept {
    // (6) - release: synchronizes with (4). The lock itself is not touched after it.
    own_word_.grant.store(this, std::memory_order_release);
    SpinThenYield wait;
    // (7) - acquire: pairs with (5).
    while (own_word_.grant.load(std::memory_order_acquire) != nullptr) wait.pause();
  }

  static thread_local constinit Word own_word_;

  std::atomic<Word*> tail_{nullptr};
};
inline thread_local constinit Hemlock::Word Hemlock::own_word_;
static_assert(sizeof(Hemlock) == sizeof(void*));

}  // namespace crosstalk::pool
