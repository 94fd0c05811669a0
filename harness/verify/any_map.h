// A map, or a set, as the verifier sees it: a table of functions over keys and values of one type.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "pool/chat/map_server.h"
#include "pool/containers/map_concept.h"
#include "pool/contracts.h"

namespace crosstalk::harness::verify {

// A value of several words, all equal unless somebody is in the middle of writing it.
struct Quad {
  std::array<std::int64_t, 4> words{};

  [[nodiscard]] static Quad of(std::int64_t value) noexcept { return {{value, value, value, value}}; }
  // kTorn if the words differ.
  [[nodiscard]] std::int64_t value() const noexcept {
    for (const std::int64_t word : words) {
      if (word != words[0]) return kTorn;
    }
    return words[0];
  }
  static constexpr std::int64_t kTorn = INT64_MIN;
};

// Functions that a map lacks are null. All take what make() returned.
struct AnyMap {
  void* (*make)() = nullptr;
  void (*destroy)(void*) = nullptr;
  // What is there under the key.
  std::optional<std::int64_t> (*get)(void*, std::uint64_t key) = nullptr;
  bool (*insert)(void*, std::uint64_t key, std::int64_t value) = nullptr;  // false: was there
  bool (*erase)(void*, std::uint64_t key) = nullptr;                       // false: was not there
  // Adds one to what is there, and returns the sum; nothing if the key is absent.
  std::optional<std::int64_t> (*add_one)(void*, std::uint64_t key) = nullptr;
  void (*set)(void*, std::uint64_t key, std::int64_t value) = nullptr;
  std::size_t (*size)(void*) = nullptr;
  pool::MapContract contract;
  bool keys_only = false;  // a set: every value is 0
};

// The table of an EntryMap.
template <template <class, class> class Map>
[[nodiscard]] AnyMap any_entry_map() {
  using M = Map<std::uint64_t, Quad>;
  AnyMap any;
  // Few keys and stripes to begin with, so that it has to grow and keys share a stripe.
  any.make = []() -> void* { return new M(pool::MapOptions{.keys = 1, .stripes = 4}); };
  any.destroy = [](void* map) { delete static_cast<M*>(map); };
  any.get = [](void* map, std::uint64_t key) {
    std::optional<std::int64_t> found;
    static_cast<const M*>(map)->visit(key, [&](const Quad& quad) { found = quad.value(); });
    return found;
  };
  any.insert = [](void* map, std::uint64_t key, std::int64_t value) {
    return static_cast<M*>(map)->insert(key, Quad::of(value));
  };
  any.erase = [](void* map, std::uint64_t key) { return static_cast<M*>(map)->erase(key); };
  any.add_one = [](void* map, std::uint64_t key) {
    std::optional<std::int64_t> sum;
    static_cast<M*>(map)->modify(key, [&](Quad& quad) {
      for (std::int64_t& word : quad.words) ++word;
      sum = quad.value();
    });
    return sum;
  };
  any.contract = pool::kEntryMapContract;
  return any;
}

// The table of a map with the operations of ConcurrentMap and FlatMap; `make` as there is no one way to make them.
template <class M>
[[nodiscard]] AnyMap any_map(void* (*make)(), pool::MapContract contract) {
  AnyMap any;
  any.make = make;
  any.contract = contract;
  any.destroy = [](void* map) { delete static_cast<M*>(map); };
  any.get = [](void* map, std::uint64_t key) {
    const std::optional<Quad> found = static_cast<const M*>(map)->get(key);
    return found ? std::optional<std::int64_t>(found->value()) : std::nullopt;
  };
  any.insert = [](void* map, std::uint64_t key, std::int64_t value) {
    return static_cast<M*>(map)->insert_if_absent(key, Quad::of(value));
  };
  any.erase = [](void* map, std::uint64_t key) { return static_cast<M*>(map)->erase(key); };
  any.set = [](void* map, std::uint64_t key, std::int64_t value) {
    static_cast<M*>(map)->set(key, Quad::of(value));
  };
  any.size = [](void* map) { return static_cast<const M*>(map)->size(); };
  any.add_one = [](void* map, std::uint64_t key) {
    std::optional<std::int64_t> sum;
    static_cast<M*>(map)->modify_present(key, [&](Quad& quad) {
      for (std::int64_t& word : quad.words) ++word;
      sum = quad.value();
    });
    return sum;
  };
  return any;
}

// The table of a set with the operations of ConcurrentSet.
template <class S>
[[nodiscard]] AnyMap any_set(pool::MapContract contract) {
  AnyMap any;
  any.keys_only = true;
  any.contract = contract;
  any.make = []() -> void* { return new S; };
  any.destroy = [](void* set) { delete static_cast<S*>(set); };
  any.get = [](void* set, std::uint64_t key) {
    return static_cast<const S*>(set)->contains(key) ? std::optional<std::int64_t>(0) : std::nullopt;
  };
  any.insert = [](void* set, std::uint64_t key, std::int64_t) { return static_cast<S*>(set)->add(key); };
  any.erase = [](void* set, std::uint64_t key) { return static_cast<S*>(set)->remove(key); };
  any.size = [](void* set) { return static_cast<const S*>(set)->size(); };
  return any;
}

// The map inside a server, if it is a server over one; else nothing.
template <class Server>
struct MapInside {
  static constexpr AnyMap (*value)() = nullptr;
};
template <template <class, class> class Map>
struct MapInside<pool::MapServer<Map>> {
  static constexpr AnyMap (*value)() = &any_entry_map<Map>;
};

}  // namespace crosstalk::harness::verify
