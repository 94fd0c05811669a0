// When some posts were meant to be sent, so that whoever receives one can tell how long it was under way: one post in 64 of
// each room. Fixed memory; a mark that is overwritten, or not there yet, is one that nobody asks for.
//
// Thread-safe, wait-free. A reader that meets a slot being overwritten sees that its key has changed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "harness/mix.h"

namespace crosstalk::harness {

class PostMarks {
 public:
  static constexpr std::uint64_t kEvery = 64;

  [[nodiscard]] static bool is_marked(std::uint64_t sequence) noexcept { return sequence % kEvery == 0; }

  // `sequence` is above 0 and marked; `intended` in ticks.
  void set(std::uint32_t room, std::uint64_t sequence, std::uint64_t intended) noexcept {
    Slot& slot = slot_of(room, sequence);
    // relaxed: no reader takes a slot without a key.
    slot.key.store(0, std::memory_order_relaxed);
    // (1) - release: pairs with (3): who sees this instant sees that the old key was taken away.
    slot.intended.store(intended, std::memory_order_release);
    // (2) - release: pairs with (4): who sees this key sees its instant.
    slot.key.store(key_of(room, sequence), std::memory_order_release);
  }

  [[nodiscard]] std::optional<std::uint64_t> find(std::uint32_t room, std::uint64_t sequence) const noexcept {
    const Slot& slot = slot_of(room, sequence);
    const std::uint64_t key = key_of(room, sequence);
    // (4) - acquire: pairs with (2).
    if (slot.key.load(std::memory_order_acquire) != key) return std::nullopt;
    // (3) - acquire: pairs with (1).
    const std::uint64_t intended = slot.intended.load(std::memory_order_acquire);
    // relaxed: ordered behind (3); an instant that is not this post's comes after its key was taken away.
    if (slot.key.load(std::memory_order_relaxed) != key) return std::nullopt;
    return intended;
  }

 private:
  struct Slot {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::uint64_t> intended{0};
  };
  static constexpr std::size_t kSlots = 4096;

  [[nodiscard]] static std::uint64_t key_of(std::uint32_t room, std::uint64_t sequence) noexcept {
    return mix(room, sequence) | 1;
  }
  [[nodiscard]] Slot& slot_of(std::uint32_t room, std::uint64_t sequence) noexcept {
    return slots_[(mix(room, sequence) >> 20) % kSlots];
  }
  [[nodiscard]] const Slot& slot_of(std::uint32_t room, std::uint64_t sequence) const noexcept {
    return slots_[(mix(room, sequence) >> 20) % kSlots];
  }

  std::array<Slot, kSlots> slots_;
};

}  // namespace crosstalk::harness
