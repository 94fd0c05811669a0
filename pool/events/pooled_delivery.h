// pooled_delivery: runs queued callbacks on an executor, in order for each subscriber.
//
// A subscription with something queued is ready; ready ones stand in batches. Drains, at most `parallelism` tasks of the
// executor, claim one subscription at a time, so a callback that blocks holds up its own subscriber and one drain, not its
// neighbours in the batch. One executor task thus runs many callbacks; after kTurn of them a drain goes to the back of
// the executor's queue.
//
// Invariant, under lock_: while a batch has unclaimed entries, drains_ > 0. Where the executor refuses a drain, or
// destroys it unrun, and there is no other, everything ready is thrown away and counted as rejected. Nothing is lost
// without a count, and nobody waits for a task that will not come.
//
// Progress: handing over holds a spin lock for O(1) and posts to the executor, which may block where its policy says so.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pool/events/bus_counters.h"
#include "pool/events/subscription.h"
#include "pool/executor/executor.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool::detail {

class BusCore;

struct ReadyBatch {
  static constexpr std::uint32_t kMost = 64;

  std::atomic<std::uint32_t> claimed{0};  // may exceed count, by one for each drain
  std::uint32_t count = 0;
  std::array<Subscription*, kMost> entries{};  // with a reference each
  // Guarded by the delivery's lock:
  std::uint32_t users = 0;
  bool listed = false;
  ReadyBatch* next = nullptr;
  ReadyBatch* previous = nullptr;

  // Null if there is nothing left.
  [[nodiscard]] Subscription* claim() noexcept;
};

class PooledDelivery {
 public:
  static constexpr unsigned kTurn = 256;

  PooledDelivery(BusCore& core, Executor* executor, Priority priority, unsigned parallelism) noexcept
      : core_(core), executor_(executor), priority_(priority), parallelism_(parallelism) {}
  PooledDelivery(const PooledDelivery&) = delete;
  PooledDelivery& operator=(const PooledDelivery&) = delete;

  [[nodiscard]] bool possible() const noexcept { return executor_ != nullptr; }

  // What becomes ready in one publish().
  class Ready {
   public:
    explicit Ready(PooledDelivery& delivery) noexcept : delivery_(delivery) {}
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;
    ~Ready() { hand_over(); }
    // Takes a reference.
    void add(Subscription& subscription) noexcept;
    void hand_over() noexcept;

   private:
    PooledDelivery& delivery_;
    ReadyBatch* batch_ = nullptr;
  };

 private:
  class Ticket;

  void hand_over(ReadyBatch* batch) noexcept;
  // With drains_ raised for it. True if it will run.
  bool start_drain() noexcept;
  void run_drain() noexcept;
  template <std::memory_order order>
  void drain() noexcept;
  template <std::memory_order order>
  unsigned visit(Subscription& subscription, class DrainState& state) noexcept;
  void drain_lost() noexcept;
  void reject(Subscription& subscription) noexcept;

  // Null: nothing is ready, and this drain is no longer counted.
  [[nodiscard]] ReadyBatch* pick() noexcept;
  void leave(ReadyBatch* batch) noexcept;
  [[nodiscard]] bool hand_on() noexcept;
  void link(ReadyBatch& batch) noexcept;
  void unlink(ReadyBatch& batch) noexcept;

  BusCore& core_;
  Executor* const executor_;
  const Priority priority_;
  const unsigned parallelism_;
  TtasLock lock_;  // guards the members below
  unsigned drains_ = 0;
  ReadyBatch* first_ = nullptr;
  ReadyBatch* last_ = nullptr;
};

}  // namespace crosstalk::pool::detail
