// The data under a lock on trial. A writer changes the first half of it as it comes in and the second half as it leaves, so the
// window in which somebody beside it can be noticed is the whole critical section.
//
// Every access is relaxed and no read-modify-write: a broken lock is a wrong answer and not undefined behaviour, and nothing here
// orders what the lock forgot to order.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"

namespace crosstalk::harness::verify {

class alignas(pool::kCacheLine) Canary {
 public:
  // False: somebody writes. `seen` is for leave_reader().
  [[nodiscard]] bool enter_reader(std::uint64_t& seen) const noexcept {
    seen = get(0);
    return whole(seen);
  }
  [[nodiscard]] bool leave_reader(std::uint64_t seen) const noexcept { return whole(seen); }

  [[nodiscard]] bool enter_writer(std::uint64_t& seen, std::uint64_t owner) noexcept {
    seen = get(0);
    const bool alone = whole(seen);
    fill(0, kHalf, seen + 1);
    put(owner_, owner);
    return alone;
  }
  // Where a second writer inside destroys the first one's work: the count.
  void work() noexcept { put(count_, count() + 1); }
  // relaxed (here and below): see the head of the file.
  [[nodiscard]] bool leave_writer(std::uint64_t seen, std::uint64_t owner) noexcept {
    const bool alone = get(0) == seen + 1 && get(kHalf - 1) == seen + 1 && get(kHalf) == seen &&
                       get(kWords - 1) == seen && owner_.load(std::memory_order_relaxed) == owner;
    fill(kHalf, kWords, seen + 1);
    return alone;
  }
  // Critical sections of writers; fewer than there were: updates were lost.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kWords = 6;
  static constexpr std::size_t kHalf = 3;

  // relaxed (all): see the head of the file.
  [[nodiscard]] std::uint64_t get(std::size_t i) const noexcept {
    return words_[i].load(std::memory_order_relaxed);
  }
  static void put(std::atomic<std::uint64_t>& word, std::uint64_t value) noexcept {
    word.store(value, std::memory_order_relaxed);
  }
  void fill(std::size_t first, std::size_t end, std::uint64_t value) noexcept {
    for (std::size_t i = first; i < end; ++i) put(words_[i], value);
  }
  [[nodiscard]] bool whole(std::uint64_t value) const noexcept {
    for (std::size_t i = 0; i < kWords; ++i) {
      if (get(i) != value) return false;
    }
    return true;
  }

  std::array<std::atomic<std::uint64_t>, kWords> words_{};
  std::atomic<std::uint64_t> owner_{0};
  std::atomic<std::uint64_t> count_{0};
};
static_assert(sizeof(Canary) == pool::kCacheLine || pool::kCacheLine != 64);

}  // namespace crosstalk::harness::verify
