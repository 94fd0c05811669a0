// A lock as the verifier sees it: a table of functions, so that its checks are compiled once and a lock costs only this.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>

#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::harness::verify {

// Functions that a lock lacks are null. All take what make() returned.
struct AnyLock {
  void* (*make)() = nullptr;
  void (*destroy)(void*) = nullptr;
  void (*lock)(void*) = nullptr;
  void (*unlock)(void*) = nullptr;
  bool (*try_lock)(void*) = nullptr;
  bool (*try_lock_for)(void*, std::chrono::nanoseconds) = nullptr;
  void (*lock_shared)(void*) = nullptr;
  void (*unlock_shared)(void*) = nullptr;
  bool (*try_lock_shared)(void*) = nullptr;
  bool (*try_lock_shared_for)(void*, std::chrono::nanoseconds) = nullptr;
  pool::LockContract contract;
};

namespace detail {

template <class L>
void add_exclusive_tries(AnyLock& any) {
  if constexpr (requires(L & lock) {
                  { lock.try_lock() } -> std::convertible_to<bool>;
                }) {
    any.try_lock = [](void* lock) { return static_cast<bool>(static_cast<L*>(lock)->try_lock()); };
  }
  if constexpr (requires(L & lock, std::chrono::nanoseconds time) {
                  { lock.try_lock_for(time) } -> std::convertible_to<bool>;
                }) {
    any.try_lock_for = [](void* lock, std::chrono::nanoseconds time) {
      return static_cast<bool>(static_cast<L*>(lock)->try_lock_for(time));
    };
  }
}

template <pool::SharedLock L>
void add_shared(AnyLock& any) {
  any.lock_shared = [](void* lock) { static_cast<L*>(lock)->lock_shared(); };
  any.unlock_shared = [](void* lock) { static_cast<L*>(lock)->unlock_shared(); };
  if constexpr (requires(L & lock) {
                  { lock.try_lock_shared() } -> std::convertible_to<bool>;
                }) {
    any.try_lock_shared = [](void* lock) {
      return static_cast<bool>(static_cast<L*>(lock)->try_lock_shared());
    };
  }
  if constexpr (requires(L & lock, std::chrono::nanoseconds time) {
                  { lock.try_lock_shared_for(time) } -> std::convertible_to<bool>;
                }) {
    any.try_lock_shared_for = [](void* lock, std::chrono::nanoseconds time) {
      return static_cast<bool>(static_cast<L*>(lock)->try_lock_shared_for(time));
    };
  }
}

}  // namespace detail

// The table of lock L.
template <pool::ExclusiveLock L>
[[nodiscard]] AnyLock any_lock() {
  AnyLock any;
  any.make = []() -> void* { return new L; };
  any.destroy = [](void* lock) { delete static_cast<L*>(lock); };
  any.lock = [](void* lock) { static_cast<L*>(lock)->lock(); };
  any.unlock = [](void* lock) { static_cast<L*>(lock)->unlock(); };
  detail::add_exclusive_tries<L>(any);
  if constexpr (pool::SharedLock<L>) detail::add_shared<L>(any);
  any.contract = pool::kContractOf<L>;
  return any;
}

}  // namespace crosstalk::harness::verify
