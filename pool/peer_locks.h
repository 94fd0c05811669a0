// The locks of other people's libraries that this build can measure: those whose CROSSTALK_HAS_<NAME> is 1, which the targets
// crosstalk_peers_NAME define (scripts/cmake/peers.cmake). Names and order are those of CROSSTALK_PEER_LOCKS there. Not of the
// library: what includes this also links a peer.
#pragma once

#include <string_view>
#include <tuple>

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

using PeerLocks = detail::Joined<TbbLocks>::Type;

// Calls f.operator()<Lock>(name) for every lock of a peer that was found, in the order of the list.
template <class F>
void for_each_peer_lock(F f) {
  detail::for_each_peer_lock(f, static_cast<PeerLocks*>(nullptr));
}

}  // namespace crosstalk::pool
