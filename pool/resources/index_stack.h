// index_stack: a lock-free stack of small numbers, which stand for the blocks of an array. Any number of stacks share one
// table of links, as a number is in one stack at most. Source: Treiber, "Systems Programming: Coping with Parallelism"
// (IBM RJ 5118, 1986), with a tag against the reuse of a head.
//
// head_: | 63..32 tag | 31..0 top index + 1, 0: empty |
//
// Invariant: every change of head_ moves the tag on, so that a compare-and-swap which succeeds has seen no change since it
// read the head: the links it followed were those of the stack. A thread that sleeps between reading and swapping for
// exactly 2^32 changes would not notice them.
//
// Progress: lock-free. The orders are seq_cst where BufferPool relies on a total order with its count of waiters, see (3)
// and (4) there; on x86-64 that costs nothing beyond the compare-and-swap itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace crosstalk::pool {

class IndexStack {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  using Links = std::atomic<std::uint32_t>*;

  // A chain of indices that is in no stack: `first` leads to `last` by `count` - 1 links.
  struct Chain {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t count = 0;
  };

  void push(Links links, std::uint32_t index) noexcept { push(links, Chain{index, index, 1}); }
  void push(Links links, const Chain& chain) noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
      // relaxed: published by the CAS (1).
      links[chain.last].store(top(head), std::memory_order_relaxed);
      next = with_top(head, chain.first);
      // (1) - seq_cst: as a release it synchronizes with (2), with the links and the contents of the blocks; the total
      // order is that with the count of waiters.
    } while (!head_.compare_exchange_weak(head, next, std::memory_order_seq_cst, std::memory_order_relaxed));
  }

  // Takes up to `most` indices off. Empty (count 0) only if the stack was.
  Chain pop(Links links, std::uint32_t most) noexcept {
    // (2) - seq_cst: as an acquire it synchronizes with (1); the total order as there.
    std::uint64_t head = head_.load(std::memory_order_seq_cst);
    for (;;) {
      if (top(head) == kNone) return {};
      Chain chain{top(head), top(head), 1};
      // relaxed (both): the links hold what the acquire of the head has made visible, or what another thread has written
      // since, and then the CAS fails.
      std::uint32_t rest = links[chain.last].load(std::memory_order_relaxed);
      while (chain.count < most && rest != kNone) {
        chain.last = rest;
        ++chain.count;
        rest = links[chain.last].load(std::memory_order_relaxed);
      }
      // seq_cst: as (2); as a release it synchronizes with (2), for those who read this head and follow the links that (1)
      // of another thread has published.
      if (head_.compare_exchange_weak(head, with_top(head, rest), std::memory_order_seq_cst)) {
        return chain;
      }
    }
  }

  [[nodiscard]] bool empty() const noexcept {
    // seq_cst: as (2).
    return top(head_.load(std::memory_order_seq_cst)) == kNone;
  }

 private:
  static std::uint32_t top(std::uint64_t head) noexcept { return static_cast<std::uint32_t>(head) - 1; }
  static std::uint64_t with_top(std::uint64_t head, std::uint32_t index) noexcept {
    return (((head >> 32) + 1) << 32) | static_cast<std::uint32_t>(index + 1);
  }

  std::atomic<std::uint64_t> head_{0};
};

}  // namespace crosstalk::pool
