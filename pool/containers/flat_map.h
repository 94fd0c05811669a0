// A hash map for many threads, made for speed where ConcurrentMap is made for any lock: open addressing in groups of 16, each
// with a lock word that is also a version, a tag byte per entry, and entries where the table is (flat_group.h,
// flat_home.h). It grows group by group, carried by the writers; it never shrinks. Erasing leaves nothing behind.
//
//   small keys and values    K compares bitwise (kComparesBitwise), V is trivially copyable, both at most 256 bytes: lookups
//                            write nothing and take no lock; visit() works on a copy
//   all others               lookups hold the lock of the key's group; values that are big, or whose moves may throw, are boxed
//
//   atomic as a whole (linearizable)    every operation on one key; snapshot_all(), for which all writers wait
//   atomic per group of keys            items(), keys(), values(), size(), clear(): other threads may slip in between
//   atomic per pair                     update()
//
// Progress: writers of one group wait for each other: they spin, yield, then nap. A lookup is tried kTries times beside
// writers and then takes the lock, which may be overtaken without limit. An operation moves at most 4 groups of a growing
// map; reserve() and snapshot_all() move all that are left. A lock is held for the copies that an operation makes, and
// while a closure runs: one that calls back into the same map is misuse; so are copies, == and Hash that do.
//
// Memory: 16 e + 32 bytes per group, with e bytes of key and value, each rounded up to 8. A map that has grown by itself has
// 6 to 12 entries a group, so 1.33 to 2.67 e and up to 5.3 bytes per entry; made by reserve(), 1.6 e and 3.2; while it
// grows, up to half more. Of former tables stay less than 32 bytes per present group, and at most 512 KiB of slots.
//
// Ownership: the map owns copies; no reference leaves it. Errors: an exception of a closure, a copy or an allocation leaves
// the map as it was and the locks released, provided that Hash, == and destructors do not throw. What is replaced or
// erased dies after the lock was released. Lookups also take what a transparent Hash takes. Hashes are mixed with a seed
// of the map: keys chosen to collide do not, unless Hash gives them equal hashes, and items() differ in order.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/containers/flat_change.h"
#include "pool/containers/flat_lookup.h"
#include "pool/containers/flat_slot.h"
#include "pool/containers/hashing.h"

namespace crosstalk::pool {

template <class K, class V, class Hash = KeyHash<K>>
class FlatMap {
  static constexpr bool kWords =
      kComparesBitwise<K> && detail::kFitsWords<K> && detail::kFitsWords<V> && !TransparentHash<Hash>;
  using Slot = std::conditional_t<kWords, detail::WordSlot<K, V>, detail::ObjectSlot<K, V>>;

 public:
  // Lookups write nothing.
  static constexpr bool kOptimistic = Slot::kOptimistic;
  static constexpr unsigned kTries = 32;

  explicit FlatMap(Hash hash = {}) : hash_(std::move(hash)) {}

  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] std::optional<V> get(const Q& key) const {
    std::optional<V> found;
    look(key,
         [&](const Slot* slot) { slot != nullptr ? void(found.emplace(slot->value())) : found.reset(); });
    return found;
  }
  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] V get_or(const Q& key, V otherwise) const {
    return get(key).value_or(std::move(otherwise));
  }
  template <LookupKey<K, Hash> Q = K>
  [[nodiscard]] bool contains(const Q& key) const {
    bool found = false;
    look(key, [&](const Slot* slot) { found = slot != nullptr; });
    return found;
  }
  // f(const V&) on the value, or on a copy of it. False if the key is absent.
  template <LookupKey<K, Hash> Q = K, std::invocable<const V&> F>
  bool visit(const Q& key, F&& f) const {
    if constexpr (kOptimistic) {
      const std::optional<V> copy = get(key);
      return copy && (f(*copy), true);
    } else {
      bool found = false;
      look(key, [&](const Slot* slot) {
        found = slot != nullptr;
        if (found) f(slot->value());
      });
      return found;
    }
  }

  template <LookupKey<K, Hash> Q = K>
  void set(const Q& key, V value) {
    auto held = Slot::hold(std::move(value));  // what is replaced dies with it
    change(key, [&](Change& change, const auto& lookup) {
      const auto place = change.find(lookup);
      place ? place.slot->set(held) : change.insert(lookup, held);
    });
  }
  // False, and nothing changed, if the key is there.
  template <LookupKey<K, Hash> Q = K>
  bool insert_if_absent(const Q& key, V value) {
    auto held = Slot::hold(std::move(value));
    return change(key, [&](Change& change, const auto& lookup) {
      if (change.find(lookup)) return false;
      change.insert(lookup, held);
      return true;
    });
  }
  // False if the key was absent.
  template <LookupKey<K, Hash> Q = K>
  bool erase(const Q& key) {
    Grave grave;
    return change(key, [&](Change& change, const auto& lookup) {
      const auto place = change.find(lookup);
      if (place) change.take(place, grave);
      return static_cast<bool>(place);
    });
  }
  // Read-modify-write: f(V&) on the value, V{} if the key is absent, while nobody else sees it. Returns what f returns.
  // f works on a copy that replaces the value when f has returned; on the value itself if it is not kept as words and f
  // is noexcept, or V has no copy: then what a throwing f has done to the value stays.
  template <LookupKey<K, Hash> Q = K, std::invocable<V&> F>
  auto modify(const Q& key, F&& f) {
    Replaced replaced;
    return change(key, [&](Change& change, const auto& lookup) {
      const auto place = change.find(lookup);
      if (place) return detail::rewrite<V>(*place.slot, f, replaced);
      V value{};
      return detail::call_and_keep(
          f, value, [&] { change.insert(lookup, replaced.emplace(Slot::hold(std::move(value)))); });
    });
  }
  // The same of a key that is there. False, and f is not called, if it is absent.
  template <LookupKey<K, Hash> Q = K, std::invocable<V&> F>
  bool modify_present(const Q& key, F&& f) {
    Replaced replaced;
    return change(key, [&](Change& change, const auto& lookup) {
      const auto place = change.find(lookup);
      if (place) detail::rewrite<V>(*place.slot, f, replaced);
      return static_cast<bool>(place);
    });
  }
  // Sets every pair of the range, one by one.
  template <std::ranges::input_range Range>
  void update(const Range& pairs) {
    for (const auto& [key, value] : pairs) set(key, value);
  }

  [[nodiscard]] std::vector<std::pair<K, V>> items() const {
    std::vector<std::pair<K, V>> all;
    for_each([&](const Slot& slot) { all.emplace_back(slot.key(), slot.value()); });
    return all;
  }
  [[nodiscard]] std::vector<K> keys() const {
    std::vector<K> all;
    for_each([&](const Slot& slot) { all.push_back(slot.key()); });
    return all;
  }
  [[nodiscard]] std::vector<V> values() const {
    std::vector<V> all;
    for_each([&](const Slot& slot) { all.push_back(slot.value()); });
    return all;
  }
  // A point in time. All writers wait for it, and readers where they need a lock.
  [[nodiscard]] std::vector<std::pair<K, V>> snapshot_all() const {
    std::vector<std::pair<K, V>> all;
    core_.with_all_groups(
        hash_of(), [&] { all.reserve(size()); },
        [&](const Home& home) {
          home.for_each([&](const Slot& slot) { all.emplace_back(slot.key(), slot.value()); });
        });
    return all;
  }
  // Counts, a nanosecond or two per group: there is no counter for the writers to share.
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for_each([&](const Slot&) { ++sum; });
    return sum;
  }
  // std::bad_alloc: part of the entries are gone.
  void clear() {
    std::vector<Grave> graves;
    detail::FlatBlock<Slot>* blocks = nullptr;
    core_.template for_each_group<true>(
        [&](const Home& home) {
          std::size_t count = 0;
          home.for_each([&](const Slot&) { ++count; });
          graves.reserve(count);
          blocks = home.drain([&](Slot& slot) { graves.emplace_back().bury(slot); });
        },
        [&] {
          graves.clear();
          core_.arena().give(std::exchange(blocks, nullptr));
        });
  }
  // Room for `count` keys, made at once: this call moves all entries.
  void reserve(std::size_t count) { core_.reserve(count, hash_of()); }

 private:
  using Core = detail::FlatCore<Slot>;
  using Home = typename Core::Home;
  using Grave = detail::FlatGrave<Slot>;
  using Change = detail::FlatChange<Slot>;
  // Dies after the lock was released.
  using Replaced = std::optional<typename Slot::HeldValue>;

  template <class Q>
  [[nodiscard]] std::uint64_t hashed(const Q& lookup) const {
    return mix(static_cast<std::uint64_t>(hash_(lookup)), seed_);
  }
  auto hash_of() const noexcept {
    return [this](const Slot& slot) { return hashed(slot.key()); };
  }

  // f(const Slot*) on the entry, or on null; where lookups are optimistic, again if it has changed meanwhile.
  template <class Q, class F>
  void look(const Q& key, F&& f) const {
    const auto& lookup = as_lookup<K, Hash>(key);
    const std::uint64_t hash = hashed(lookup);
    const std::uint8_t tag = detail::FlatGroup::tag_of(hash);
    if constexpr (kOptimistic) {
      if (detail::look_optimistically(core_, lookup, hash, tag, kTries, f)) [[likely]]
        return;
    }
    const typename Core::template Hold<false> hold(core_, hash);
    f(hold.home().find(tag, lookup, [] { return true; }).slot);
  }
  template <class Q, class F>
  auto change(const Q& key, F&& f) {
    const auto& lookup = as_lookup<K, Hash>(key);
    const std::uint64_t hash = hashed(lookup);
    core_.help(hash_of());
    Change change(core_, hash);
    return f(change, lookup);
  }
  template <class F>
  void for_each(F&& f) const {
    core_.template for_each_group<false>([&](const Home& home) { home.for_each(f); }, [] {});
  }

  [[no_unique_address]] Hash hash_;
  const HashSeed seed_ = fresh_seed();
  mutable Core core_;
};

}  // namespace crosstalk::pool
