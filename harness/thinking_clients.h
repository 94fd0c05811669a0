// The clients of one driver in a closed loop with think time: each issues its own operations in order, and after every
// answer it thinks before the next. Who is due next comes from a heap of one entry a client.
//
// Memory is taken at construction: 16 bytes a client and 4 an operation. take() and think() are O(log clients) and do not
// allocate.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/clock.h"
#include "workloads/op.h"
#include "workloads/think_time.h"

namespace crosstalk::harness {

class ThinkingClients {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Turn {
    std::uint64_t due = 0;        // ticks
    std::uint32_t operation = 0;  // index into the driver's operations
    std::uint32_t number = 0;     // how often the client has thought; wraps
    [[nodiscard]] bool before(const Turn& other) const noexcept {
      return due != other.due ? due < other.due : operation < other.operation;
    }
  };

  // `ops` must outlive this. `repeats`: a client begins anew after its last operation.
  ThinkingClients(const std::vector<workloads::Op>& ops, bool repeats, const workloads::ThinkTime& think,
                  std::uint64_t seed, const Clock& clock)
      : ops_(ops.data()), next_(ops.size(), kNone), think_(think), seed_(seed), clock_(clock) {
    link(ops, repeats);
  }

  // Clients that have something to do.
  [[nodiscard]] std::size_t size() const noexcept { return firsts_.size(); }

  // Every client is somewhere in a think time.
  void start(std::uint64_t now) {
    heap_.reserve(firsts_.size());
    for (const std::uint32_t first : firsts_) {
      const double wait_ns = think_.residual_ns(seed_, ops_[first].client);
      push({now + clock_.to_ticks(wait_ns), first, 0});
    }
  }

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] const Turn& top() const noexcept { return heap_.front(); }
  // Removes and returns the turn that is due first. Not empty().
  Turn take() noexcept {
    std::pop_heap(heap_.begin(), heap_.end(), kLater);
    const Turn turn = heap_.back();
    heap_.pop_back();
    return turn;
  }
  [[nodiscard]] const workloads::Op& op(const Turn& turn) const noexcept { return ops_[turn.operation]; }

  // Is this the last operation of the client?
  [[nodiscard]] bool is_last(const Turn& turn) const noexcept { return next_[turn.operation] == kNone; }

  // The client of `turn` was answered at `now`: returns when its next operation is due, or 0 if that was its last.
  std::uint64_t think(const Turn& turn, std::uint64_t now) noexcept {
    const std::uint32_t next = next_[turn.operation];
    if (next == kNone) return 0;
    const double wait_ns = think_.draw_ns(seed_, ops_[next].client, turn.number);
    const Turn later{now + clock_.to_ticks(wait_ns), next, turn.number + 1};
    push(later);
    return later.due;
  }

 private:
  static constexpr auto kLater = [](const Turn& a, const Turn& b) { return b.before(a); };

  void push(const Turn& turn) noexcept {
    heap_.push_back(turn);  // within what start() reserved: each client has one turn at most
    std::push_heap(heap_.begin(), heap_.end(), kLater);
  }

  void link(const std::vector<workloads::Op>& ops, bool repeats) {
    std::uint32_t clients = 0;
    for (const workloads::Op& op : ops) clients = std::max(clients, op.client + 1);
    std::vector<std::uint32_t> last(clients, kNone);
    std::vector<std::uint32_t> first(clients, kNone);
    for (std::uint32_t i = 0; i < ops.size(); ++i) {
      const std::uint32_t client = ops[i].client;
      (last[client] == kNone ? first[client] : next_[last[client]]) = i;
      last[client] = i;
    }
    for (std::uint32_t client = 0; client < clients; ++client) {
      if (first[client] == kNone) continue;
      firsts_.push_back(first[client]);
      if (repeats) next_[last[client]] = first[client];
    }
  }

  const workloads::Op* ops_;
  std::vector<std::uint32_t> next_;    // of the same client
  std::vector<std::uint32_t> firsts_;  // of each client
  std::vector<Turn> heap_;
  workloads::ThinkTime think_;
  std::uint64_t seed_;
  Clock clock_;
};

}  // namespace crosstalk::harness
