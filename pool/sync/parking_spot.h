// Where those sleep who wait for a lock that has no room for their number: a table of the process, found by the lock's address
// (source: the idea is that of WebKit's ParkingLot, 2015). A lock that asks here may release by a plain store, and after that
// store touch nothing of itself: who was waiting may already have destroyed it.
//
// state_:  | 63..32 changes | 31..2 parked | 1 awake | 0 busy |
//
//   parked | awake | meaning                                                  | wake_one()
//   0      | 0     | nobody waits; the spot is free for any lock              | nothing
//   n      | 0     | n threads of the owner's lock sleep or are about to      | sets awake, counts a change, wakes one
//   n      | 1     | one of the n was woken and is on its way                 | nothing
//
// A spot belongs to one lock at a time, from the first who parks there until the last has left. Threads of another lock with the same
// spot are told so (enter() is false) and have to pass their time otherwise. Every change of owner counts as a change too, so that
// no compare-and-swap mistakes the next owner's state for that of the one before.
//
// The protocol, in which not both can miss each other (asymmetric_barrier.h):
//   who parks     enter() or again(); heavy_barrier(); look whether the lock is held; if so sleep(), else try it, leave()
//   who releases  store; light_barrier(); if (wants_waking()) wake_one()
// where the store and the look at the lock are seq_cst if the barrier is symmetric, as all that is asked and told here is.
// Invariant: a free lock never has parked threads without one that is on its way, or is about to look. Who sets awake counts a
// change in the same step; at least one parked thread then finds that number changed, if not from the kernel, then before it sleeps,
// or when it leaves without having slept. That thread clears awake when it leaves, with the lock held, or by again(), after which it
// looks whether the lock is held. Should two have answered one wake-up, awake is cleared too early, and one more is woken than had
// to be.
//
// Limits: 2^30 - 1 threads in a spot; 2^32 changes between a thread's decision to sleep and its sleep would leave it asleep. In a
// child of fork() nobody is parked.
// Progress: of() and wants_waking() are wait-free, wake_one() and leave() lock-free, enter() waits for another one's enter() of some
// instructions. No errors, no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"

namespace crosstalk::pool {

class alignas(kCacheLine) ParkingSpot {
 public:
  // That of the lock at this address.
  static ParkingSpot& of(const void* lock) noexcept {
    // Multiplicative hashing: the high bits depend on all bits of the address.
    return spots_[(reinterpret_cast<std::uintptr_t>(lock) * 0x9E3779B97F4A7C15ULL) >> (64 - kSpotBits)];
  }

  // After the release of a lock: is there anybody to be woken, of whatever lock?
  [[nodiscard]] bool wants_waking() const noexcept {
    // seq_cst: total order with enter(), again(), the store and the look at the lock, if the barrier is symmetric.
    return wants_waking(state_.load(std::memory_order_seq_cst));
  }
  // Wakes one, if those here wait for this lock.
  [[gnu::cold]] void wake_one(const void* lock) noexcept;

  // Counts this thread in; false if the spot is another lock's. `changes`: for sleep().
  [[nodiscard]] bool enter(const void* lock, std::uint32_t& changes) noexcept;
  // Who is in and did not get the lock: as if it had just entered. Returns `changes`.
  [[nodiscard]] std::uint32_t again() noexcept;
  // Until woken, by name or by chance.
  void sleep(std::uint32_t changes) const noexcept;
  // Counts this thread out.
  void leave(std::uint32_t changes) noexcept;

  // For tests: how many threads of this lock are in its spot, and whether one of them is on its way.
  [[nodiscard]] static unsigned parked(const void* lock) noexcept;
  [[nodiscard]] static bool waking(const void* lock) noexcept;

 private:
  static constexpr std::uint64_t kOne = 1;
  static constexpr std::uint64_t kBusy = kOne;
  static constexpr std::uint64_t kAwake = kOne << 1;
  static constexpr std::uint64_t kParkedOne = kOne << 2;
  static constexpr std::uint64_t kParked = (kOne << 32) - kParkedOne;
  static constexpr std::uint64_t kChangeOne = kOne << 32;
  static constexpr unsigned kSpotBits = 10;

  static constexpr bool wants_waking(std::uint64_t state) {
    return (state & kParked) != 0 && (state & kAwake) == 0;
  }
  static constexpr std::uint32_t changes(std::uint64_t state) {
    return static_cast<std::uint32_t>(state >> 32);
  }
  const std::uint32_t* changes_word() const noexcept;
  bool take_over(const void* lock, std::uint64_t seen) noexcept;
  static void forget_all() noexcept;

  static ParkingSpot spots_[1U << kSpotBits];
  static const bool forgets_in_children_;

  std::atomic<std::uint64_t> state_{0};
  std::atomic<const void*> owner_{nullptr};
};

}  // namespace crosstalk::pool
