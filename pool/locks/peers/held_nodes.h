// Queue locks want a node from whoever takes them, for as long as it holds them; lock() and unlock() have no place for one.
// HeldNodes<Node> keeps the nodes of a thread: each is found again by the address of the lock it was taken for.
//
// Cost: a look at the nodes that the thread has in use, of which there is seldom more than one. Ownership: nodes belong to the
// thread and are used again; they end with it, and it must hold no lock then. Errors: take() throws std::bad_alloc when a
// thread holds more locks at once than ever before.
#pragma once

#include <memory>
#include <vector>

namespace crosstalk::pool {

template <class Node>
class HeldNodes {
 public:
  // A free node, now in use for `lock`.
  static Node& take(const void* lock) {
    for (const std::unique_ptr<Slot>& slot : slots()) {
      if (slot->lock == nullptr) return slot->take(lock);
    }
    slots().push_back(std::make_unique<Slot>());
    return slots().back()->take(lock);
  }

  // The node that this thread has in use for `lock`.
  static Node& of(const void* lock) noexcept { return find(lock).node; }

  // It is free from now on.
  static void give_back(const void* lock) noexcept { find(lock).lock = nullptr; }

 private:
  // Others spin on the node, so it shares its lines with nothing.
  struct alignas(128) Slot {
    Node& take(const void* of) noexcept {
      lock = of;
      return node;
    }
    const void* lock = nullptr;
    alignas(64) Node node{};
  };

  static std::vector<std::unique_ptr<Slot>>& slots() {
    thread_local std::vector<std::unique_ptr<Slot>> all;
    return all;
  }
  static Slot& find(const void* lock) noexcept {
    std::size_t i = 0;
    while (slots()[i]->lock != lock) ++i;  // it is there: only who holds a lock gives it back
    return *slots()[i];
  }
};

}  // namespace crosstalk::pool
