// The place of one entry in a FlatMap, in the two forms that it has. A slot without an entry is raw memory.
//
// WordSlot holds a small key and value as words that are loaded and stored atomically, so that readers need no lock.
// ObjectSlot holds objects, and all who touch it hold the lock of its group. Objects that are big, or whose moves may throw,
// are boxed: thus neither a move of a slot nor a swap of a value ever throws.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "pool/containers/flat_group.h"

namespace crosstalk::pool {

// Keys of which equal ones have equal bytes and different ones different bytes, so that comparing bytes is ==. May be
// specialised for small structs without padding.
template <class K>
inline constexpr bool kComparesBitwise = (std::is_integral_v<K> || std::is_enum_v<K> ||
                                          std::is_pointer_v<K>)&&std::has_unique_object_representations_v<K>;

namespace detail {

inline constexpr std::size_t kInlineBytesMost = 256;

template <class T>
inline constexpr bool kFitsWords = std::is_trivially_copyable_v<T>&& std::copy_constructible<T> &&
                                   sizeof(T) <= kInlineBytesMost;

// Bytes as words, and back.
template <class T>
struct Words {
  static constexpr std::size_t kCount = (sizeof(T) + 7) / 8;
  using Array = std::array<std::uint64_t, kCount>;
  static Array of(const T& object) noexcept {
    Array words{};
    std::memcpy(words.data(), &object, sizeof(T));
    return words;
  }
  static T from(const Array& words) noexcept {
    if constexpr (sizeof(T) == sizeof(Array)) {
      return std::bit_cast<T>(words);
    } else {
      std::array<std::byte, sizeof(T)> bytes;
      std::memcpy(bytes.data(), words.data(), sizeof(T));
      return std::bit_cast<T>(bytes);
    }
  }
};

template <class K, class V>
class WordSlot {
 public:
  static constexpr bool kOptimistic = true;
  using HeldKey = K;
  using HeldValue = V;

  static HeldValue hold(V value) noexcept { return value; }

  // Also without the lock: then what they return is only good if the group's version is unchanged.
  [[nodiscard]] bool has_key(const K& key) const noexcept {
    const auto words = Words<K>::of(key);
    std::uint64_t differ = 0;
    for (std::size_t i = 0; i < words.size(); ++i) differ |= load_acquire(key_[i]) ^ words[i];
    return differ == 0;
  }
  [[nodiscard]] K key() const noexcept { return Words<K>::from(loaded(key_)); }
  [[nodiscard]] V value() const noexcept { return Words<V>::from(loaded(value_)); }

  void fill(const K& key, HeldValue& value) noexcept {
    store(key_, Words<K>::of(key));
    store(value_, Words<V>::of(value));
  }
  void set(HeldValue& value) noexcept { store(value_, Words<V>::of(value)); }
  void move_to(WordSlot& to) noexcept {
    store(to.key_, loaded(key_));
    store(to.value_, loaded(value_));
  }
  void destroy() noexcept {}
  void prefetch() const noexcept {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const char*>(this + 1) - 1);
  }

 private:
  template <std::size_t n>
  static std::array<std::uint64_t, n> loaded(const std::array<std::uint64_t, n>& words) noexcept {
    std::array<std::uint64_t, n> copy;
    for (std::size_t i = 0; i < n; ++i) copy[i] = load_acquire(words[i]);
    return copy;
  }
  template <std::size_t n>
  static void store(std::array<std::uint64_t, n>& words, const std::array<std::uint64_t, n>& from) noexcept {
    for (std::size_t i = 0; i < n; ++i) store_release(words[i], from[i]);
  }

  std::array<std::uint64_t, Words<K>::kCount> key_;
  std::array<std::uint64_t, Words<V>::kCount> value_;
};

// T itself, or a box of it.
template <class T>
class Held {
 public:
  static constexpr bool kInline = sizeof(T) <= kInlineBytesMost && alignof(T) <= 16 &&
                                  std::is_nothrow_move_constructible_v<T> && std::is_nothrow_swappable_v<T>;

  template <class U>
  requires(!std::same_as<std::remove_cvref_t<U>, Held>) explicit Held(U&& from)
      : held_(make(std::forward<U>(from))) {}

  T& operator*() noexcept { return get(held_); }
  const T& operator*() const noexcept { return get(const_cast<Stored&>(held_)); }
  void swap(Held& other) noexcept {
    using std::swap;
    swap(held_, other.held_);
  }

 private:
  using Stored = std::conditional_t<kInline, T, std::unique_ptr<T>>;
  template <class U>
  static Stored make(U&& from) {
    if constexpr (kInline) {
      return Stored(std::forward<U>(from));
    } else {
      return std::make_unique<T>(std::forward<U>(from));
    }
  }
  static T& get(Stored& held) noexcept {
    if constexpr (kInline) {
      return held;
    } else {
      return *held;
    }
  }

  Stored held_;
};

template <class K, class V>
class ObjectSlot {
 public:
  static constexpr bool kOptimistic = false;
  using HeldKey = Held<K>;
  using HeldValue = Held<V>;

  static HeldValue hold(V value) { return HeldValue(std::move(value)); }

  template <class Q>
  [[nodiscard]] bool has_key(const Q& key) const {
    return *entry().key == key;
  }
  [[nodiscard]] const K& key() const noexcept { return *entry().key; }
  [[nodiscard]] const V& value() const noexcept { return *entry().value; }
  [[nodiscard]] V& value() noexcept { return *entry().value; }

  // Throws what making a K throws; then nothing is changed.
  template <class Q>
  void fill(const Q& key, HeldValue& value) {
    HeldKey made(static_cast<K>(key));
    new (memory_) Entry{std::move(made), std::move(value)};
  }
  // Afterwards `value` holds the value before.
  void set(HeldValue& value) noexcept { entry().value.swap(value); }
  void move_to(ObjectSlot& to) noexcept {
    new (to.memory_) Entry(std::move(entry()));
    destroy();
  }
  void destroy() noexcept { entry().~Entry(); }
  void prefetch() const noexcept { __builtin_prefetch(this); }

 private:
  struct Entry {
    HeldKey key;
    HeldValue value;
  };
  Entry& entry() noexcept { return *std::launder(reinterpret_cast<Entry*>(memory_)); }
  [[nodiscard]] const Entry& entry() const noexcept {
    return *std::launder(reinterpret_cast<const Entry*>(memory_));
  }

  alignas(Entry) std::byte memory_[sizeof(Entry)];
};

// f's result, after `keep`.
template <class F, class V, class Keep>
auto call_and_keep(F& f, V& value, Keep&& keep) {
  if constexpr (std::is_void_v<decltype(f(value))>) {
    f(value);
    keep();
  } else {
    auto result = f(value);
    keep();
    return result;
  }
}

// f on the slot's value, or on a copy that then replaces it; what was replaced is left in `replaced`.
template <class V, class Slot, class F>
auto rewrite(Slot& slot, F& f, std::optional<typename Slot::HeldValue>& replaced) {
  if constexpr (!Slot::kOptimistic && (std::is_nothrow_invocable_v<F&, V&> || !std::copy_constructible<V>)) {
    return f(slot.value());
  } else {
    V value = slot.value();
    return call_and_keep(f, value, [&] { slot.set(replaced.emplace(Slot::hold(std::move(value)))); });
  }
}

}  // namespace detail
}  // namespace crosstalk::pool
