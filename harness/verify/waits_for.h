// Who waits for whom, from what the threads of a case say of themselves: a cycle is a deadlock, a sleeper that waits for an object
// which nobody holds has lost its wake-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::harness::verify {

struct Page;

struct Waiter {
  unsigned thread = 0;
  std::string asks;  // what it does to get the object: "lock"
  std::uint32_t object = 0;
  bool waits = false;
  std::vector<std::uint32_t> holds;
};

// The threads of the page that wait for something or hold something.
[[nodiscard]] std::vector<Waiter> waiters_of(const Page& page);

// "deadlock: thread 0 holds room 1 and waits for room 2 (lock), ..."; "lost wake-up: ..."; or, with `burning`, "livelock: ...".
[[nodiscard]] std::string explain_stall(const std::vector<Waiter>& waiters, bool burning);

// The threads of a cycle, in its order; empty: there is none.
[[nodiscard]] std::vector<unsigned> cycle_of(const std::vector<Waiter>& waiters);

}  // namespace crosstalk::harness::verify
