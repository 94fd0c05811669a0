// Who waits for whom, from what threads and tasks say of themselves. What they wait for may be a lock, one of some units (slots of a
// pool, connections, space in a queue) or a promise (a result, an element to come): page.h says what each needs to come free.
//
// Whoever waits for nothing can go on; so can who waits for something that can come free because those who must let go of it can
// go on. Who is left over can never go on: a deadlock, if they wait for each other in a circle. A sleeper that could go on
// and does not has lost its wake-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

struct Waiter {
  unsigned thread = 0;
  std::string asks;  // what it does to get the object: "lock"
  std::uint32_t object = 0;
  bool waits = false;
  std::vector<std::uint32_t> holds;
  bool task = false;  // no thread of the case
};

// An object by its number; those beyond the end are locks without a name.
struct WaitResource {
  std::string name;
  ResourceKind kind = ResourceKind::lock;
  std::uint32_t total = 1;
};

struct WaitGraph {
  std::vector<Waiter> waiters;
  std::vector<WaitResource> resources{};
};

// The threads and tasks of the page that wait for something or hold something.
[[nodiscard]] WaitGraph wait_graph_of(const Page& page);

// The places of those who can never go on.
[[nodiscard]] std::vector<std::size_t> stuck_in(const WaitGraph& graph);
// The places of a circle of them, in its order; empty: there is none.
[[nodiscard]] std::vector<std::size_t> cycle_in(const WaitGraph& graph);

// "deadlock: thread 0 holds room 1 and waits in lock() of room 2; ..."; "lost wake-up: ..."; or, with `burning`, "livelock: ...".
[[nodiscard]] std::string explain_stall(const WaitGraph& graph, bool burning);

}  // namespace crosstalk::harness::verify
