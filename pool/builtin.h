// THE list of the locks that come with crosstalk. The command line, the conformance tests and the micro-benchmarks
// read it; a lock that is not here does not exist.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <tuple>

#include "pool/locks/null_lock.h"
#include "pool/locks/rw_lock.h"
#include "pool/locks/std_locks.h"
#include "pool/locks/ticket_lock.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

using BuiltinLocks = std::tuple<NullLock, std::mutex, std::shared_mutex, TtasLock, TicketLock, RwLock>;

// The name of a built-in lock: the second half of a strategy's name.
template <class L>
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
inline constexpr std::string_view kLockName<RwLock> = "rw_lock";

namespace detail {
template <class F, class... L>
void for_each_lock(F& f, std::tuple<L...>*) {
  (f.template operator()<L>(kLockName<L>), ...);
}
}  // namespace detail

// Calls f.operator()<Lock>(name) for every built-in lock, in the order of the list.
template <class F>
void for_each_builtin_lock(F f) {
  detail::for_each_lock(f, static_cast<BuiltinLocks*>(nullptr));
}

}  // namespace crosstalk::pool
