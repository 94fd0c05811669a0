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

// Before an atomic operation. The same look as the one before, with nothing changed since, is no new scheduling point.
inline void before_atomic(Address address, std::size_t bytes, const char* what, Access access,
                          bool may_be_in_vain, std::uint32_t place) noexcept {
  Thread& me = self();
  if (may_be_in_vain && me.last_address == address && me.last_change == runtime->changes) {
    check_alive(address, place);
  } else {
    step(what, address, place);
  }
  if (may_be_in_vain) look_in_vain();
  note_access(address, bytes, access, place);
  me.last_address = address;
}

template <class T>
T explored_load(const volatile T* address, int order, std::uint32_t place) noexcept {
  before_atomic(address, sizeof(T), "load", Access::atomic_read, true, place);
  const T value = *address;
  if constexpr (sizeof(T) > sizeof(std::uint64_t)) {
    atomic_miss(address, order);
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
    atomic_miss(address, miss_order);
    *expected = before;
    return false;
  }
  note_access(address, sizeof(T), Access::atomic_write, place);
  *address = desired;
  atomic_change(address, told_of(before, before), told_of(desired, before), order);
  return true;
}

}  // namespace crosstalk::harness::explore
