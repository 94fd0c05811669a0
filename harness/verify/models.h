// What the objects under test are to do, one operation after the other: the specifications that histories are compared with. The
// names of operations are these literals, compared by address.
#pragma once

#include <cstdint>
#include <limits>

#include "harness/verify/linearize.h"

namespace crosstalk::harness::verify {

// "There is none", as a state and as a result.
inline constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min() + 1;

namespace op {
inline constexpr const char* kGet = "get";
inline constexpr const char* kInsert = "insert";
inline constexpr const char* kErase = "erase";
inline constexpr const char* kAddOne = "add_one";
inline constexpr const char* kSet = "set";
inline constexpr const char* kSize = "size";
inline constexpr const char* kIncrement = "increment";
inline constexpr const char* kExchange = "exchange";
inline constexpr const char* kCompareAndSwap = "compare_and_swap";
inline constexpr const char* kPut = "put";
inline constexpr const char* kInvalidate = "invalidate";
}  // namespace op

// One key of a map. State: its value, or kNone.
[[nodiscard]] inline bool map_key_model(ModelState& state, const Event& event) {
  if (event.what == op::kGet) return event.result == state;
  if (event.what == op::kInsert) {
    const bool free = state == kNone;
    if (free) state = event.argument;
    return event.result == (free ? 1 : 0);
  }
  if (event.what == op::kErase) {
    const bool there = state != kNone;
    state = kNone;
    return event.result == (there ? 1 : 0);
  }
  if (event.what == op::kAddOne) {
    if (state != kNone) ++state;
    return event.result == state;
  }
  if (event.what == op::kSet) {
    state = event.argument;
    return true;
  }
  return false;
}

// A whole map of at most 62 keys whose values do not matter. State: a bit a key.
[[nodiscard]] inline bool map_size_model(ModelState& state, const Event& event) {
  const ModelState bit = ModelState{1} << event.key;
  const bool there = (state & bit) != 0;
  if (event.what == op::kSize) return event.result == __builtin_popcountll(static_cast<std::uint64_t>(state));
  if (event.what == op::kInsert) {
    state |= bit;
    return event.result == (there ? 0 : 1);
  }
  if (event.what == op::kErase) {
    state &= ~bit;
    return event.result == (there ? 1 : 0);
  }
  return false;
}

// A counter. compare_and_swap: the key is what is expected, the argument what comes in its place.
[[nodiscard]] inline bool counter_model(ModelState& state, const Event& event) {
  if (event.what == op::kGet) return event.result == state;
  if (event.what == op::kIncrement) return event.result == (state += event.argument);
  if (event.what == op::kExchange) {
    const bool right = event.result == state;
    state = event.argument;
    return right;
  }
  if (event.what == op::kCompareAndSwap) {
    const bool equal = state == static_cast<ModelState>(event.key);
    if (equal) state = event.argument;
    return event.result == (equal ? 1 : 0);
  }
  return false;
}

// One key of a cache: what is there may go at any time.
[[nodiscard]] inline bool cache_key_model(ModelState& state, const Event& event) {
  if (event.what == op::kGet) return event.result == kNone || event.result == state;
  if (event.what == op::kPut) state = event.argument;
  if (event.what == op::kInvalidate) state = kNone;
  return event.what == op::kPut || event.what == op::kInvalidate;
}

}  // namespace crosstalk::harness::verify
