// Clients whose requests are done, on their way from the workers back to their driver, who lets them think.
//
// Thread-safe: any thread pushes, one drains. A client is in the list once at most. Progress: push() lock-free, drain()
// wait-free but for the visits. Memory is taken at construction, 12 bytes a client.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace crosstalk::harness {

class ReturnList {
 public:
  explicit ReturnList(std::size_t clients) : next_(clients), ended_(clients) {}

  void push(std::uint32_t client, std::uint64_t ended) noexcept {
    ended_[client] = ended;
    // relaxed: the exchange below orders what matters.
    std::uint32_t head = head_.load(std::memory_order_relaxed);
    do {
      next_[client] = head;
      // (1) - release: pairs with (2); the two writes above are visible to who drains.
    } while (
        !head_.compare_exchange_weak(head, client, std::memory_order_release, std::memory_order_relaxed));
  }

  // visit(client, ended) for everybody in the list. A client may be pushed again from within.
  template <class Visit>
  void drain(Visit&& visit) {
    // relaxed: a hint; an empty list is looked at again.
    if (head_.load(std::memory_order_relaxed) == kEnd) return;
    // (2) - acquire: pairs with (1); of every push, since each is a read-modify-write of the same release sequence.
    std::uint32_t client = head_.exchange(kEnd, std::memory_order_acquire);
    while (client != kEnd) {
      const std::uint32_t next = next_[client];
      visit(client, ended_[client]);
      client = next;
    }
  }

 private:
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};

  std::atomic<std::uint32_t> head_{kEnd};
  std::vector<std::uint32_t> next_;
  std::vector<std::uint64_t> ended_;
};

}  // namespace crosstalk::harness
