// clh_lock: first come, first served; each waiter spins on the node of the one ahead, and leaving is a single store (Craig,
// Building FIFO and priority-queuing spin locks from atomic swap, 1993; Landin and Hagersten, IPPS 1994).
//
// tail_ is 0 while the lock was never used, else the node of the thread that came last, with a count of that node's uses.
//
//   the last one's node | meaning
//   not held            | free
//   held                | its thread holds the lock or waits, behind others that came before
//
// Invariants: of all nodes in the line only the first one's thread runs; a node is put in a line by one thread, seen by the
// next one behind it, and after that one has entered, in no line any more: it is then the next one's, and serves it for
// its next lock. So a thread that gave one node gets another, and needs one node at hand however many locks it holds.
//
// Nodes come from clh_nodes.h: memory is asked for when a lock is used for the first time and when more threads than ever
// before wait, and never else. A thread may hold any number of locks, release them in any order, release what
// another thread took, and end whenever it likes. The lock may be destroyed as soon as the last one has got in and out.
//
// Progress: lock() blocks, FIFO: its place is taken in one step; try_lock() fails while anybody is there, and neither waits
// nor retries, unless it is interrupted while the very node that it saw is used 2^23 times and is then last again: it then
// waits as lock() does. unlock() is wait-free. Waiters spin, then yield, and never sleep (spin_then_yield.h).
// Errors: lock() and try_lock() throw std::bad_alloc where a new node is needed and there is no memory, and have then done
// nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/contract.h"
#include "pool/locks/clh_nodes.h"
#include "pool/locks/spin_then_yield.h"

namespace crosstalk::pool {

class ClhLock {
 public:
  static constexpr LockContract kContract{.fairness = Fairness::fifo,
                                          .bypass_bound = 0,
                                          .algorithm = "implicit queue, spins on the one ahead, yield",
                                          .source = "Craig 1993; Landin, Hagersten 1994"};

  ClhLock() = default;
  ClhLock(const ClhLock&) = delete;
  ClhLock& operator=(const ClhLock&) = delete;
  // Nobody may hold it or wait.
  ~ClhLock() {
    // acquire: the node is handed on; pairs with (1) and (3).
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);
    if (tail != 0) detail::give_clh_node(node_of(tail));
  }

  void lock() {
    Node* const node = held_node();
    // (1) - acquire, release: pairs with itself and (3); who comes next sees this node held.
    const std::uint64_t ahead = tail_.exchange(word_of(node), std::memory_order_acq_rel);
    enter(node, ahead);
  }

  [[nodiscard]] bool try_lock() {
    // (2) - acquire: as (1).
    std::uint64_t ahead = tail_.load(std::memory_order_acquire);
    // relaxed: a hint; enter() looks again, and orders.
    if (ahead != 0 && node_of(ahead)->held.load(std::memory_order_relaxed)) return false;
    Node* const node = held_node();
    // The word carries a count: is it the same, nobody came in between. (3) - acquire, release: as (1). relaxed: a failure
    // leads nowhere.
    if (!tail_.compare_exchange_strong(ahead, word_of(node), std::memory_order_acq_rel,
                                       std::memory_order_relaxed)) {
      detail::give_clh_node(node);
      return false;
    }
    enter(node, ahead);
    return true;
  }

  void unlock() noexcept {
    // (4) - release: synchronizes with (5). The lock itself is not touched after it.
    holder_->held.store(false, std::memory_order_release);
  }

  // For tests: changes whenever somebody joins the line.
  [[nodiscard]] std::uint64_t line_end() const noexcept {
    // relaxed: a value to compare, nothing is read through it.
    return tail_.load(std::memory_order_relaxed);
  }

 private:
  using Node = detail::ClhNode;

  // A node's address has 7 low bits of zero by its alignment, and 16 high ones, as Linux gives no others to who does not ask
  // for them: in their place stands the count of uses.
  static constexpr unsigned kCountBits = 23;
  static constexpr std::uint64_t kCount = (std::uint64_t{1} << kCountBits) - 1;
  static_assert(sizeof(Node*) == 8 && alignof(Node) == 128);

  static std::uint64_t word_of(const Node* node) noexcept {
    return (std::uint64_t{reinterpret_cast<std::uintptr_t>(node)} << 16) | (node->uses & kCount);
  }
  static Node* node_of(std::uint64_t word) noexcept {
    return reinterpret_cast<Node*>(static_cast<std::uintptr_t>((word & ~kCount) >> 16));
  }

  // A node to join the line with.
  static Node* held_node() {
    Node* const node = detail::take_clh_node();
    // relaxed: made visible by (1) or (3).
    node->held.store(true, std::memory_order_relaxed);
    ++node->uses;
    return node;
  }

  void enter(Node* node, std::uint64_t ahead) noexcept {
    if (ahead != 0) {
      Node* const before = node_of(ahead);
      // (5) - acquire: synchronizes with (4).
      if (before->held.load(std::memory_order_acquire)) wait_for(*before);
      detail::give_clh_node(before);
    }
    holder_ = node;
  }

  [[gnu::cold]] [[gnu::noinline]] static void wait_for(const Node& before) noexcept {
    SpinThenYield wait;
    do {
      wait.pause();
      // acquire: as (5).
    } while (before.held.load(std::memory_order_acquire));
  }

  std::atomic<std::uint64_t> tail_{0};
  Node* holder_ = nullptr;  // of who is inside; guarded by the lock
};
static_assert(sizeof(ClhLock) == 16);

}  // namespace crosstalk::pool
