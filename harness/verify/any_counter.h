// A counter as the verifier sees it.
#pragma once

#include <cstdint>

#include "pool/contracts.h"

namespace crosstalk::harness::verify {

// Functions that a counter lacks are null. All take what make() returned.
struct AnyCounter {
  void* (*make)() = nullptr;
  void (*destroy)(void*) = nullptr;
  std::int64_t (*increment)(void*) = nullptr;  // returns the value after
  void (*add)(void*) = nullptr;                // adds one and returns nothing
  std::int64_t (*get)(void*) = nullptr;
  std::int64_t (*exchange)(void*, std::int64_t next) = nullptr;
  bool (*compare_and_swap)(void*, std::int64_t expected, std::int64_t next) = nullptr;
  pool::CounterContract contract;
};

// The table of a counter of pool/containers/counter.h, or one like it.
template <class C>
[[nodiscard]] AnyCounter any_counter(pool::CounterContract contract) {
  AnyCounter any;
  any.contract = contract;
  any.make = []() -> void* { return new C; };
  any.destroy = [](void* counter) { delete static_cast<C*>(counter); };
  if constexpr (requires(C & counter) { counter.increment(); }) {
    any.increment = [](void* counter) { return static_cast<C*>(counter)->increment(); };
    any.get = [](void* counter) { return static_cast<C*>(counter)->get(); };
  } else {
    any.add = [](void* counter) { static_cast<C*>(counter)->add(1); };
    any.get = [](void* counter) { return static_cast<C*>(counter)->sum(); };
  }
  if constexpr (requires(C & counter) { counter.exchange(1); }) {
    any.exchange = [](void* counter, std::int64_t next) { return static_cast<C*>(counter)->exchange(next); };
    any.compare_and_swap = [](void* counter, std::int64_t expected, std::int64_t next) {
      return static_cast<C*>(counter)->compare_and_swap(expected, next);
    };
  }
  return any;
}

}  // namespace crosstalk::harness::verify
