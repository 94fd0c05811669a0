// The locks of other people's libraries that this build can measure: those whose CROSSTALK_HAS_<NAME> is 1, which the targets
// crosstalk_peers_NAME define (scripts/cmake/peers.cmake). Names and order are those of CROSSTALK_PEER_LOCKS there. Not of the
// library: what includes this also links a peer.
#pragma once

#include <string_view>
#include <tuple>

#if CROSSTALK_HAS_ABSL
#include "pool/locks/peers/absl_locks.h"
#endif
#if CROSSTALK_HAS_BOOST
#include "pool/locks/peers/boost_locks.h"
#endif
#if CROSSTALK_HAS_CK
#include "pool/locks/peers/ck_locks.h"
#endif
#if CROSSTALK_HAS_NSYNC
#include "pool/locks/peers/nsync_locks.h"
#endif
#if CROSSTALK_HAS_TBB
#include "pool/locks/peers/tbb_locks.h"
#endif

namespace crosstalk::pool {

// The name of a peer's lock: the second half of a strategy's name.
template <class L>
inline constexpr std::string_view kPeerLockName = "";

#if CROSSTALK_HAS_TBB
template <>
inline constexpr std::string_view kPeerLockName<tbb::mutex> = "tbb_mutex";
template <>
inline constexpr std::string_view kPeerLockName<tbb::rw_mutex> = "tbb_rw_mutex";
template <>
inline constexpr std::string_view kPeerLockName<tbb::spin_mutex> = "tbb_spin_mutex";
template <>
inline constexpr std::string_view kPeerLockName<tbb::spin_rw_mutex> = "tbb_spin_rw_mutex";
template <>
inline constexpr std::string_view kPeerLockName<TbbQueuingMutex> = "tbb_queuing_mutex";
template <>
inline constexpr std::string_view kPeerLockName<TbbQueuingRwMutex> = "tbb_queuing_rw_mutex";
#else
using TbbLocks = std::tuple<>;
#endif

#if CROSSTALK_HAS_ABSL
template <>
inline constexpr std::string_view kPeerLockName<AbslMutex> = "absl_mutex";
#else
using AbslLocks = std::tuple<>;
#endif

#if CROSSTALK_HAS_CK
template <>
inline constexpr std::string_view kPeerLockName<CkPflock> = "ck_pflock";
template <>
inline constexpr std::string_view kPeerLockName<CkTflock> = "ck_tflock";
template <>
inline constexpr std::string_view kPeerLockName<CkRwlock> = "ck_rwlock";
template <>
inline constexpr std::string_view kPeerLockName<CkBrlock> = "ck_brlock";
template <>
inline constexpr std::string_view kPeerLockName<CkTicket> = "ck_ticket";
template <>
inline constexpr std::string_view kPeerLockName<CkMcs> = "ck_mcs";
#else
using CkLocks = std::tuple<>;
#endif

#if CROSSTALK_HAS_NSYNC
template <>
inline constexpr std::string_view kPeerLockName<NsyncMu> = "nsync_mu";
#else
using NsyncLocks = std::tuple<>;
#endif

#if CROSSTALK_HAS_BOOST
template <>
inline constexpr std::string_view kPeerLockName<boost::shared_mutex> = "boost_shared_mutex";
#else
using BoostLocks = std::tuple<>;
#endif

namespace detail {
template <class... Lists>
struct Joined {};
template <class... L>
struct Joined<std::tuple<L...>> {
  using Type = std::tuple<L...>;
};
template <class... A, class... B, class... More>
struct Joined<std::tuple<A...>, std::tuple<B...>, More...> : Joined<std::tuple<A..., B...>, More...> {};

template <class F, class... L>
void for_each_peer_lock(F& f, std::tuple<L...>*) {
  (f.template operator()<L>(kPeerLockName<L>), ...);
}
}  // namespace detail

using PeerLocks = detail::Joined<TbbLocks, AbslLocks, CkLocks, NsyncLocks, BoostLocks>::Type;

// Calls f.operator()<Lock>(name) for every lock of a peer that was found, in the order of the list.
template <class F>
void for_each_peer_lock(F f) {
  detail::for_each_peer_lock(f, static_cast<PeerLocks*>(nullptr));
}

}  // namespace crosstalk::pool
