// Hashing for the containers: which hash a key gets if none is given, lookup by other types than the key's, and what makes
// a bad hash fit to choose a shard.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>

namespace crosstalk::pool {

// The hash of a key type: std::hash, but for strings one that takes whatever is a string_view, so that a lookup makes no
// string.
template <class K>
struct KeyHash : std::hash<K> {};
template <class Allocator>
struct KeyHash<std::basic_string<char, std::char_traits<char>, Allocator>> {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

// A hash that declares, as in the standard library, that it takes other types than the key's, with equal results.
template <class Hash>
concept TransparentHash = requires {
  typename Hash::is_transparent;
};

// What a container with keys K and hash Hash can be asked for: a K or what converts to one, and with a transparent hash
// whatever it takes and K compares with.
template <class Q, class K, class Hash>
concept LookupKey = std::convertible_to<const Q&, K> ||
    (TransparentHash<Hash>&& std::invocable<const Hash&, const Q&>&& requires(const K& k, const Q& q) {
      { k == q } -> std::convertible_to<bool>;
    });

// All bits of the result depend on all bits of the hash: std::hash of a number is the number itself, and its high or its low
// bits may all be equal. The finalizer of MurmurHash3 (Appleby, public domain).
constexpr std::uint64_t mix(std::uint64_t hash) noexcept {
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDULL;
  hash ^= hash >> 33;
  hash *= 0xC4CEB9FE1A85EC53ULL;
  return hash ^ (hash >> 33);
}

// The key as lookups want it: itself where the hash takes it, else a K.
template <class K, class Hash, class Q>
decltype(auto) as_lookup(const Q& key) {
  if constexpr (std::same_as<Q, K> || TransparentHash<Hash>) {
    return (key);
  } else {
    return static_cast<K>(key);
  }
}

// A hash for one container: all bits depend on all bits of `hash` and of the seed, so that who does not know the seed cannot
// choose keys that meet in one place (unless Hash itself gives them equal hashes). Two folded 128-bit products, after
// wyhash (Wang Yi, public domain).
struct HashSeed {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};
constexpr std::uint64_t mix(std::uint64_t hash, HashSeed seed) noexcept {
  __extension__ using Product = unsigned __int128;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    const Product product = static_cast<Product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  return fold(fold(hash ^ seed.first, 0x9E3779B97F4A7C15ULL) ^ seed.second, 0xE7037ED1A0B428DBULL);
}
// Differs from call to call and from process to process. Throws what std::random_device throws, at most once.
inline HashSeed fresh_seed() {
  static const HashSeed of_process = [] {
    std::random_device device;
    const auto word = [&] { return std::uint64_t{device()} << 32 | device(); };
    return HashSeed{word(), word()};
  }();
  static std::atomic<std::uint64_t> number{0};
  // relaxed: only that no two callers get the same.
  const std::uint64_t mine = number.fetch_add(1, std::memory_order_relaxed);
  return {mix(2 * mine, of_process), mix(2 * mine + 1, of_process)};
}

namespace detail {

// A key beside its hash, so that choosing the shard and looking into it hash once.
template <class Q>
struct Hashed {
  const Q& key;
  std::size_t hash;
};

template <class Hash>
struct TableHash {
  using is_transparent = void;
  [[no_unique_address]] Hash hash{};

  // Where a hash may throw, the table keeps it beside the key (libstdc++), which pays for all but the simplest keys.
  template <class K>
  std::size_t operator()(const K& key) const noexcept(std::is_scalar_v<K>&& noexcept(hash(key))) {
    return hash(key);
  }
  template <class Q>
  std::size_t operator()(const Hashed<Q>& hashed) const noexcept {
    return hashed.hash;
  }
};

struct TableEqual {
  using is_transparent = void;
  template <class K>
  bool operator()(const K& one, const K& other) const {
    return one == other;
  }
  template <class K, class Q>
  bool operator()(const K& one, const Hashed<Q>& other) const {
    return one == other.key;
  }
  template <class Q, class K>
  bool operator()(const Hashed<Q>& one, const K& other) const {
    return other == one.key;
  }
};

}  // namespace detail

}  // namespace crosstalk::pool
