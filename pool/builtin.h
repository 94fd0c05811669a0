// THE list of the locks and cells that come with crosstalk. The command line, the conformance tests and the micro-benchmarks
// read it; a lock that is not here does not exist.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <tuple>

#include "pool/cells/flat_combining.h"
#include "pool/cells/left_right.h"
#include "pool/cells/rcu_cell.h"
#include "pool/cells/seq_lock.h"
#include "pool/locks/bravo_lock.h"
#include "pool/locks/clh_lock.h"
#include "pool/locks/distributed_rw_lock.h"
#include "pool/locks/futex_mutex.h"
#include "pool/locks/hemlock.h"
#include "pool/locks/mcs_lock.h"
#include "pool/locks/null_lock.h"
#include "pool/locks/phase_fair_rw_lock.h"
#include "pool/locks/rw_lock.h"
#include "pool/locks/ticket_lock.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

using BuiltinLocks =
    std::tuple<NullLock, std::mutex, std::shared_mutex, TtasLock, TicketLock, McsLock, ClhLock, Hemlock,
               FutexMutex, RwLock, PhaseFairRwLock, BravoLock<std::shared_mutex>, DistributedRwLock>;

// One of each kind, for tests and benchmarks of what is built over any lock.
using SampleLocks = std::tuple<NullLock, std::mutex, std::shared_mutex, TtasLock, TicketLock, RwLock>;

// Mechanisms that guard data without being locks (pool/cell.h).
using BuiltinCells = std::tuple<LeftRight, Rcu, FlatCombining, SeqLock>;

// The name of a built-in mechanism: the second half of a strategy's name.
template <class M>
inline constexpr std::string_view kLockName = "";
template <>
inline constexpr std::string_view kLockName<NullLock> = "null";
template <>
inline constexpr std::string_view kLockName<std::mutex> = "std_mutex";
template <>
inline constexpr std::string_view kLockName<std::shared_mutex> = "std_shared_mutex";
template <>
inline constexpr std::string_view kLockName<TtasLock> = "ttas";
template <>
inline constexpr std::string_view kLockName<TicketLock> = "ticket";
template <>
inline constexpr std::string_view kLockName<McsLock> = "mcs";
template <>
inline constexpr std::string_view kLockName<ClhLock> = "clh";
template <>
inline constexpr std::string_view kLockName<Hemlock> = "hemlock";
template <>
inline constexpr std::string_view kLockName<FutexMutex> = "futex_mutex";
template <>
inline constexpr std::string_view kLockName<RwLock> = "rw_lock";
template <>
inline constexpr std::string_view kLockName<PhaseFairRwLock> = "phase_fair_rw";
template <>
inline constexpr std::string_view kLockName<BravoLock<std::shared_mutex>> = "bravo";
template <>
inline constexpr std::string_view kLockName<DistributedRwLock> = "distributed_rw";
template <>
inline constexpr std::string_view kLockName<LeftRight> = "left_right";
template <>
inline constexpr std::string_view kLockName<Rcu> = "rcu_cell";
template <>
inline constexpr std::string_view kLockName<FlatCombining> = "flat_combining";
template <>
inline constexpr std::string_view kLockName<SeqLock> = "seq_lock";

namespace detail {
template <class F, class... M>
void for_each_mechanism(F& f, std::tuple<M...>*) {
  (f.template operator()<M>(kLockName<M>), ...);
}
}  // namespace detail

// Calls f.operator()<Lock>(name) for every lock of a list, in its order.
template <class Locks, class F>
void for_each_lock_of(F f) {
  detail::for_each_mechanism(f, static_cast<Locks*>(nullptr));
}
template <class F>
void for_each_builtin_lock(F f) {
  for_each_lock_of<BuiltinLocks>(f);
}
template <class F>
void for_each_builtin_cell(F f) {
  detail::for_each_mechanism(f, static_cast<BuiltinCells*>(nullptr));
}

}  // namespace crosstalk::pool
