// Locks of oneTBB. Four have the standard members and are used as they are; the queuing ones want a node of whoever takes
// them, see held_nodes.h.
#pragma once

#include <string_view>
#include <tuple>

#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/queuing_mutex.h>
#include <oneapi/tbb/queuing_rw_mutex.h>
#include <oneapi/tbb/rw_mutex.h>
#include <oneapi/tbb/spin_mutex.h>
#include <oneapi/tbb/spin_rw_mutex.h>

#include "pool/contract.h"
#include "pool/locks/peers/held_nodes.h"

namespace crosstalk::pool {

inline constexpr std::string_view kTbbSource = "oneTBB";

template <>
struct ContractOf<tbb::mutex> {
  static constexpr LockContract value{
      .parks = true, .algorithm = "spins, then sleeps, barging", .source = kTbbSource};
};
template <>
struct ContractOf<tbb::rw_mutex> {
  static constexpr LockContract value{.shared = true,
                                      .parks = true,
                                      .algorithm = "spins, then sleeps, prefers writers",
                                      .source = kTbbSource};
};
template <>
struct ContractOf<tbb::spin_mutex> {
  static constexpr LockContract value{.algorithm = "test-and-test-and-set, backoff", .source = kTbbSource};
};
template <>
struct ContractOf<tbb::spin_rw_mutex> {
  static constexpr LockContract value{
      .shared = true, .algorithm = "spins on one word, prefers writers", .source = kTbbSource};
};

// MCS. Progress: FIFO; spins, and yields the processor after a while. Not to be unlocked by another thread.
class TbbQueuingMutex {
 public:
  static constexpr LockContract kContract{
      .fairness = Fairness::fifo, .algorithm = "MCS queue", .source = kTbbSource};

  void lock() { Nodes::take(this).acquire(mutex_); }
  bool try_lock() {
    if (Nodes::take(this).try_acquire(mutex_)) return true;
    Nodes::give_back(this);
    return false;
  }
  void unlock() {
    Nodes::of(this).release();
    Nodes::give_back(this);
  }

 private:
  using Nodes = HeldNodes<tbb::queuing_mutex::scoped_lock>;
  tbb::queuing_mutex mutex_;
};

// A queue of readers and writers: neighbouring readers enter together, nobody overtakes. Progress: FIFO, spins as above.
// There is no try_lock_shared(): oneTBB's fails beside another reader.
class TbbQueuingRwMutex {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::fifo,
                                          .algorithm = "queue of readers and writers",
                                          .source = kTbbSource};

  void lock() { take(true); }
  bool try_lock() {
    if (Nodes::take(this).try_acquire(mutex_, true)) return true;
    Nodes::give_back(this);
    return false;
  }
  void unlock() { give_back(); }
  void lock_shared() { take(false); }
  void unlock_shared() { give_back(); }

 private:
  using Nodes = HeldNodes<tbb::queuing_rw_mutex::scoped_lock>;

  void take(bool write) { Nodes::take(this).acquire(mutex_, write); }
  void give_back() {
    Nodes::of(this).release();
    Nodes::give_back(this);
  }

  tbb::queuing_rw_mutex mutex_;
};

using TbbLocks = std::tuple<tbb::mutex, tbb::rw_mutex, tbb::spin_mutex, tbb::spin_rw_mutex, TbbQueuingMutex,
                            TbbQueuingRwMutex>;

}  // namespace crosstalk::pool
