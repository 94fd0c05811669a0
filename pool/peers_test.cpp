// What other people's libraries offer, as far as this build has found them, against what our own must do.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "pool/conformance.h"
#include "pool/peer_locks.h"
#include "pool/peer_maps.h"
#include "pool/peer_pools.h"
#include "pool/peers.h"
#include "pool/peers_found.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("the table of peers says what was found", "[pool][peers]") {
  std::set<std::string_view> names;
  for (const Peer& peer : peers()) {
    INFO(peer.name);
    CHECK(names.insert(peer.name).second);
    CHECK(peer.package.starts_with("lib"));
    CHECK_FALSE(peer.offers.empty());
    CHECK(peer.found == !peer.version.empty());
  }
  CHECK(names.contains("tbb"));
  CHECK((peers_wanted() ||
         std::none_of(peers().begin(), peers().end(), [](const Peer& p) { return p.found; })));
}

TEST_CASE("CMake and the headers list the same, in the same order", "[pool][peers]") {
  std::string locks, maps, pools;
  const auto add = [](std::string& names, std::string_view name) { names += std::string(name) + " "; };
  for_each_peer_lock([&]<class L>(std::string_view name) { add(locks, name); });
  for_each_peer_map([&]<template <class, class> class M>(std::string_view name) { add(maps, name); });
  for_each_peer_pool([&]<class P>(std::string_view name) { add(pools, name); });
  CHECK(locks == detail::kPeerLockNames);
  CHECK(maps == detail::kPeerMapNames);
  CHECK(pools == detail::kPeerPoolNames);
}

// On a crowded machine a lock that spins in order of arrival, and never yields, is handed on once in a time slice: it is asked
// for little beside others, and for more alone.
template <class L>
constexpr bool kNeverYields = kContractOf<L>.source.starts_with("Concurrency Kit");

template <class L>
void check_peer_lock(std::string_view name, const ConformanceOptions& options) {
  const auto report = check_lock<L>(options);
  INFO(name << ": " << report.property << ": " << report.detail);
  CHECK(report.passed);
}

TEST_CASE("every lock of a peer keeps its contract", "[pool][lock][peers]") {
  for_each_peer_lock([]<class L>(std::string_view name) {
    if constexpr (kNeverYields<L>) {
      check_peer_lock<L>(name, {.threads = 2, .rounds = 1, .operations = 25});
      check_peer_lock<L>(name, {.threads = 1, .rounds = 2, .operations = 1'000});
    } else {
      check_peer_lock<L>(name, {.threads = 4, .rounds = stress_rounds(5), .operations = 1'000});
    }
  });
}

TEST_CASE("every lock of a peer keeps its contract under churn", "[pool][lock][peers][stress]") {
  for_each_peer_lock([]<class L>(std::string_view name) {
    if constexpr (!kNeverYields<L>) {
      check_peer_lock<L>(name, {.threads = 8, .rounds = stress_rounds(50), .operations = 40});
    }
  });
}

TEST_CASE("every lock of a peer has a name of its own, and says what it is", "[pool][lock][peers]") {
  std::set<std::string_view> names;
  for_each_peer_lock([&]<class L>(std::string_view name) {
    CHECK_FALSE(name.empty());
    CHECK(names.insert(name).second);
    CHECK_FALSE(kContractOf<L>.source.empty());
    CHECK(kContractOf<L>.algorithm != "not declared");
    CHECK(kContractOf<L>.shared == SharedLock<L>);
  });
  CHECK(names.size() == std::tuple_size_v<PeerLocks>);
}

}  // namespace
}  // namespace crosstalk::pool
