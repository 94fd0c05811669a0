// A cache as the verifier sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "pool/contracts.h"

namespace crosstalk::harness::verify {

using AnyLoader = std::function<std::int64_t(std::uint64_t key)>;

// All take what make() returned.
struct AnyCache {
  void* (*make)(std::size_t entries_most) = nullptr;
  void (*destroy)(void*) = nullptr;
  std::optional<std::int64_t> (*get)(void*, std::uint64_t key) = nullptr;
  void (*put)(void*, std::uint64_t key, std::int64_t value) = nullptr;
  bool (*invalidate)(void*, std::uint64_t key) = nullptr;
  std::int64_t (*get_or_load)(void*, std::uint64_t key, const AnyLoader& loader) = nullptr;
  std::size_t (*entries)(void*) = nullptr;
  pool::CacheContract contract;
};

// The table of a cache with the operations of pool::Cache; `make` as there is no one way to make them.
template <class C>
[[nodiscard]] AnyCache any_cache(void* (*make)(std::size_t), pool::CacheContract contract) {
  AnyCache any;
  any.make = make;
  any.contract = contract;
  any.destroy = [](void* cache) { delete static_cast<C*>(cache); };
  any.get = [](void* cache, std::uint64_t key) {
    const auto found = static_cast<C*>(cache)->get(key);
    return found != nullptr ? std::optional<std::int64_t>(*found) : std::nullopt;
  };
  any.put = [](void* cache, std::uint64_t key, std::int64_t value) {
    static_cast<C*>(cache)->put(key, value);
  };
  any.invalidate = [](void* cache, std::uint64_t key) { return static_cast<C*>(cache)->invalidate(key); };
  any.get_or_load = [](void* cache, std::uint64_t key, const AnyLoader& loader) {
    return *static_cast<C*>(cache)->get_or_load(key, loader);
  };
  any.entries = [](void* cache) {
    return static_cast<std::size_t>(static_cast<C*>(cache)->statistics().entries);
  };
  return any;
}

}  // namespace crosstalk::harness::verify
