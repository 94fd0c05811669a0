// bus_core: the part of an event bus that does not know the types of events.
//
// Publishing takes no lock and writes no shared line: it shows in its thread's slot what it reads and which callback it is
// in (pass_record.h). Subscribing and unsubscribing pay: they hold a lock for O(1) on average, and unsubscribing makes a
// system call (asymmetric_barrier.h) and scans the slots of all threads that use buses.
//
// Ownership: counted, by the bus, its tokens, and what its executor or threads still have of it, so all of these may end
// in any order. close() is the end of the bus; what is called later does nothing.
//
// Lock order: mutex_, then the registry of pass_record.cpp. No user's code runs under either.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "pool/events/bus_counters.h"
#include "pool/events/callback_threads.h"
#include "pool/events/pooled_delivery.h"
#include "pool/events/topic_table.h"

namespace crosstalk::pool {

struct BusOptions {
  Executor* executor = nullptr;          // for Dispatch::pooled; must live until the bus is destroyed
  Priority priority = Priority::normal;  // of its tasks
  unsigned parallelism = 0;              // the most tasks at once; 0: one for each processor, at least 2
  unsigned threads_max = 64;             // for Dispatch::thread
};

// Exact when nothing is under way: queued = started + dropped + rejected.
struct BusStats {
  std::uint64_t published = 0;
  std::uint64_t queued = 0;     // deliveries, one a subscriber, handed to the executor or to a thread
  std::uint64_t started = 0;    // of those
  std::uint64_t delivered = 0;  // callbacks that returned, wherever they ran
  std::uint64_t failed = 0;     // callbacks that threw
  std::uint64_t dropped = 0;    // queued, but unsubscribed before they started
  std::uint64_t rejected = 0;   // queued, but refused or destroyed unrun by the executor
  unsigned live_threads = 0;    // of Dispatch::thread
};

namespace detail {

class BusCore final : private AfterPasses {
 public:
  // Throws std::invalid_argument for bad options.
  explicit BusCore(const BusOptions& options);
  BusCore(const BusCore&) = delete;
  BusCore& operator=(const BusCore&) = delete;

  // False once closed. Throws std::bad_alloc, std::invalid_argument if the kind of dispatch is not possible.
  bool add(const TopicKey& key, Subscription& subscription);
  // The number of callbacks run or queued. Throws std::length_error (nested too deep); if something has to be queued,
  // what the event's copy and its allocation throw, before anything has run.
  std::size_t publish(const TopicKey& key, const void* event) {
    // release: where the rare side has its barrier; else seq_cst. See pass_record.h.
    return barrier_is_asymmetric() ? publish_in<std::memory_order_release>(key, event)
                                   : publish_in<std::memory_order_seq_cst>(key, event);
  }
  // Nothing of it starts any more; outside of callbacks, nothing of it runs either.
  void remove(Subscription& subscription) noexcept;
  // After remove(): nothing of it runs on another thread.
  static void wait(Subscription& subscription) noexcept;
  void close() noexcept;

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // relaxed: has one already
  void release() noexcept {
    // acq_rel: the last one synchronizes with all others.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  [[nodiscard]] BusStats stats() const;
  [[nodiscard]] BusCounters& counters() noexcept { return counters_; }
  [[nodiscard]] PooledDelivery& pooled() noexcept { return pooled_; }
  [[nodiscard]] bool closing() const noexcept {
    return closing_.load(std::memory_order_relaxed);  // relaxed: a hint where the lock is not held
  }

 private:
  ~BusCore();

  template <std::memory_order order>
  std::size_t publish_in(const TopicKey& key, const void* event);
  template <std::memory_order order>
  std::size_t run_inlined(const Pass<order>& pass, const SubscriberList& list, std::size_t size,
                          const void* event) noexcept;
  template <std::memory_order order>
  std::size_t run_mixed(const Pass<order>& pass, const SubscriberList& list, std::size_t size,
                        Envelope& envelope, const void* event) noexcept;
  void drop_queued(Subscription& subscription) noexcept;

  // With mutex_ held:
  TopicState& topic_of(const TopicKey& key);
  void replace_table();
  void replace_list(TopicState& topic, SubscriberList* list) noexcept;
  void forget(Subscription& subscription) noexcept;
  [[nodiscard]] bool want_sweep() const noexcept;
  [[nodiscard]] Subscription* sweep() noexcept;

  static void finish_unfinished(Subscription* chain) noexcept;
  void finish_all() noexcept;
  template <class F>
  void for_each_listed(F&& f) const;  // once closed, nothing changes any more

  std::atomic<TopicTable*> table_{nullptr};  // written under mutex_
  BusCounters counters_;
  PooledDelivery pooled_;
  CallbackThreads threads_;
  std::atomic<std::uint32_t> references_{1};
  std::atomic<bool> closing_{false};  // written under mutex_
  std::mutex mutex_;                  // guards the members below, and all changes of tables and lists
  std::size_t topics_open_ = 0;       // topics with subscriptions
  SubscriberList* retired_lists_ = nullptr;
  std::unique_ptr<TopicTable> retired_tables_;  // oldest first
  Subscription* unfinished_ = nullptr;          // closed inside a callback while somebody was inside
  unsigned retired_ = 0;                        // of all three kinds
};

}  // namespace detail
}  // namespace crosstalk::pool
