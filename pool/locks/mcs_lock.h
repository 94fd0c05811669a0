// mcs_lock: first come, first served; each waiter spins on a line of its own (Mellor-Crummey and Scott, TOCS 1991), in the form
// of the K42 system that needs no node from its caller (Auslander, Edelsohn, Krieger, Rosenburg, Wisniewski; Scott,
// Shared-Memory Synchronization, 2013, section 4.3.1).
//
// tail_        | meaning
// null         | free
// &front_      | held, nobody waits
// &a node      | held, the node's thread came last; or that thread has just been let in and is about to put front_ there
//
// Invariants: the line is front_ -> next -> next ... up to tail_, where a link may be missing for the moment between a
// thread's joining and its telling the one ahead. A node lives on the stack of its thread, and only while that waits: when it
// has the lock, front_ takes the node's place. While tail_ is null, front_.next is null.
//
// So a thread may hold any number of locks, release them in any order, release what another thread took, and end whenever it
// likes; there is no pool of nodes to run out of. The lock may be destroyed as soon as the last one has got in and out.
//
// Progress: lock() blocks, FIFO: its place is taken in one step; try_lock() is wait-free and fails while anybody is there;
// unlock() blocks for the moment in which somebody has joined and not yet said so. Waiters spin, then yield, and never sleep
// (spin_then_yield.h). No errors, no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/contract.h"
#include "pool/locks/spin_then_yield.h"

namespace crosstalk::pool {

class McsLock {
 public:
  static constexpr LockContract kContract{
      .fairness = Fairness::fifo,
      .bypass_bound = 0,
      .algorithm = "queue of waiters on their stacks, local spinning, yield",
      .source = "Mellor-Crummey, Scott 1991; K42 form"};

  McsLock() = default;
  McsLock(const McsLock&) = delete;
  McsLock& operator=(const McsLock&) = delete;

  void lock() noexcept {
    if (!try_lock()) lock_slow();
  }

  [[nodiscard]] bool try_lock() noexcept {
    Link* free = nullptr;
    // (1) - acquire: synchronizes with the release of who left last (2). relaxed: a failure leads nowhere.
    return tail_.compare_exchange_strong(free, &front_, std::memory_order_acquire, std::memory_order_relaxed);
  }

  void unlock() noexcept {
    // acquire: the node is as its thread made it; pairs with (5).
    Node* next = front_.next.load(std::memory_order_acquire);
    if (next == nullptr) {
      Link* last = &front_;
      // (2) - release: synchronizes with who enters next, (1) or (4). relaxed: a failure is waited out below.
      if (tail_.compare_exchange_strong(last, nullptr, std::memory_order_release,
                                        std::memory_order_relaxed)) {
        return;
      }
      next = await_next(front_);
    }
    // (3) - release: synchronizes with the acquire of the waiter (6). Neither the lock nor the node is touched after it.
    next->granted.store(true, std::memory_order_release);
  }

  // For tests: changes whenever somebody joins the line.
  [[nodiscard]] std::uint64_t line_end() const noexcept {
    // relaxed: a value to compare, nothing is read through it.
    return reinterpret_cast<std::uintptr_t>(tail_.load(std::memory_order_relaxed));
  }

 private:
  struct Node;
  struct Link {
    std::atomic<Node*> next{nullptr};
  };
  struct Node : Link {
    std::atomic<bool> granted{false};
  };

  static Node* await_next(const Link& link) noexcept {
    SpinThenYield wait;
    for (;;) {
      // acquire: as in unlock(); pairs with (5).
      Node* const next = link.next.load(std::memory_order_acquire);
      if (next != nullptr) return next;
      wait.pause();
    }
  }

  [[gnu::cold]] [[gnu::noinline]] void lock_slow() noexcept {
    Node node;
    // (4) - acquire: synchronizes with (2), and with (7), so that front_.next is emptied before it is set. release: the node is
    // as it was made for who joins behind it and writes (5) into it.
    Link* const ahead = tail_.exchange(&node, std::memory_order_acq_rel);
    if (ahead != nullptr) {
      // (5) - release: pairs with the acquires that read this link.
      ahead->next.store(&node, std::memory_order_release);
      SpinThenYield wait;
      // (6) - acquire: synchronizes with (3).
      while (!node.granted.load(std::memory_order_acquire)) wait.pause();
    }
    put_front_for(node);
  }

  // The lock is this thread's, whose node must be out of the line before it goes.
  void put_front_for(Node& node) noexcept {
    // acquire: pairs with (5).
    Node* next = node.next.load(std::memory_order_acquire);
    if (next == nullptr) {
      // relaxed: read by this thread, or written by one that has read (7).
      front_.next.store(nullptr, std::memory_order_relaxed);
      Link* last = &node;
      // (7) - release: pairs with (4). relaxed: a failure is waited out below.
      if (tail_.compare_exchange_strong(last, &front_, std::memory_order_release,
                                        std::memory_order_relaxed)) {
        return;
      }
      next = await_next(node);
    }
    // relaxed: read only by the holder, and by the next one after it has been let in. That the node behind the pointer is
    // visible, this thread's own acquire says.
    front_.next.store(next, std::memory_order_relaxed);
  }

  std::atomic<Link*> tail_{nullptr};
  Link front_;
};
static_assert(sizeof(McsLock) == 2 * sizeof(void*));

}  // namespace crosstalk::pool
