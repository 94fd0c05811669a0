// AtomicOperations: what an execution makes of an atomic operation: a scheduling point, a look for races, and the memory model. On words of
// up to 16 bytes.
#pragma once

#include "harness/explore/memory_model.h"
#include "harness/explore/scheduler.h"
#include "harness/explore/shadow.h"

namespace crosstalk::harness::explore {

// What the memory model is told of a value: of more than eight bytes, of which it keeps no older ones, whether it is another.
template <class T>
[[nodiscard]] std::uint64_t told_of(T value, T before) noexcept {
  if constexpr (sizeof(T) > sizeof(std::uint64_t)) {
    return value == before ? 0 : 1;
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

// Looks of a loop that are scheduling points. A compiler may take the first out of the loop, which makes two places of one: so it
// is the third that says that the thread spins. What it did itself is no look: after it others may well come in between.
inline constexpr std::uint32_t kLooksThatCount = 2;

// Whether the thread spins: it has looked so often already, from here, and nothing has changed.
inline bool looks_again(Thread& me, Address address, bool may_be_in_vain) noexcept {
  const void* const here = runtime->called_from;
  const std::uint32_t caller = me.depth > 0 && me.depth <= kMaxCalls ? me.calls[me.depth - 1] : 0;
  const bool same = may_be_in_vain && me.last_address == address && me.last_called_from == here &&
                    me.last_caller == caller && me.last_change == runtime->changes;
  me.same_looks = same ? me.same_looks + 1 : 0;
  me.last_address = address;
  me.last_called_from = here;
  me.last_caller = caller;
  return me.same_looks >= kLooksThatCount;
}

// Before an atomic operation. The looks of a thread that spins are no new scheduling points.
inline void before_atomic(Address address, std::size_t bytes, const char* what, Access access,
                          bool may_be_in_vain, std::uint32_t place) noexcept {
  Thread& me = self();
  if (looks_again(me, address, may_be_in_vain)) {
    check_alive(address, place);
  } else {
    step(what, address, place);
  }
  if (may_be_in_vain) look_in_vain(address);
  if (me.last_change != runtime->changes) me.same_looks = 0;  // somebody came in between
  note_access(address, bytes, access, place);
}

template <class T>
T explored_load(const volatile T* address, int order, std::uint32_t place) noexcept {
  before_atomic(address, sizeof(T), "load", Access::atomic_read, true, place);
  const T value = *address;
  if constexpr (sizeof(T) > sizeof(std::uint64_t)) {
    atomic_miss(address, told_of(value, value), order);
    return value;
  } else {
    return static_cast<T>(atomic_load(address, told_of(value, value), order));
  }
}

template <class T>
void explored_store(volatile T* address, T value, int order, std::uint32_t place) noexcept {
  before_atomic(address, sizeof(T), "store", Access::atomic_write, false, place);
  const T before = *address;
  *address = value;
  atomic_store(address, told_of(before, before), told_of(value, before), order);
}

template <class T, class F>
T explored_change(volatile T* address, const char* what, int order, std::uint32_t place, F f) noexcept {
  // An exchange that changes nothing is how a test-and-set lock spins.
  const T seen = *address;
  before_atomic(address, sizeof(T), what, Access::atomic_write, f(seen) == seen, place);
  const T before = *address;
  *address = f(before);
  atomic_change(address, told_of(before, before), told_of(f(before), before), order);
  return before;
}

template <class T>
bool explored_compare(volatile T* address, T* expected, T desired, int order, int miss_order,
                      std::uint32_t place) noexcept {
  before_atomic(address, sizeof(T), "compare-exchange", Access::atomic_read, *address != *expected, place);
  const T before = *address;
  if (before != *expected) {
    atomic_miss(address, told_of(before, before), miss_order);
    *expected = before;
    return false;
  }
  note_access(address, sizeof(T), Access::atomic_write, place);
  *address = desired;
  atomic_change(address, told_of(before, before), told_of(desired, before), order);
  return true;
}

}  // namespace crosstalk::harness::explore
