// The page: memory that a case, which runs in a child process, shares with its parent. The parent learns from it what was found,
// what was exercised, how far every thread is and what it waits for, also when the child hangs or crashes.
//
// All accesses are relaxed: the parent reads numbers one by one while the child runs, and the rest after the child's end.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "harness/verify/event_log.h"

namespace crosstalk::harness::verify {

inline constexpr unsigned kMembersMost = 320;   // threads that a case may have
inline constexpr unsigned kCellsMost = 48;      // operation x outcome
inline constexpr unsigned kHeldMost = 4;        // objects that a thread may hold at once
inline constexpr unsigned kRecentMost = 8;      // operations of a thread, for the page of a hang or a crash
inline constexpr unsigned kResourcesMost = 32;  // that have a name
inline constexpr unsigned kTasksMost = 64;      // who waits and holds without being a thread of the case
inline constexpr std::uint32_t kNoObject = ~std::uint32_t{0};

// How a thread stands to the object under test.
enum class Standing : std::uint8_t { outside, asking, done };

// relaxed (all): see the head of the file.
template <class T>
[[nodiscard]] T look(const std::atomic<T>& word) noexcept {
  return word.load(std::memory_order_relaxed);
}
template <class T>
void note(std::atomic<T>& word, T value) noexcept {
  word.store(value, std::memory_order_relaxed);
}
template <class T>
void raise(std::atomic<T>& word, T by = 1) noexcept {
  word.fetch_add(by, std::memory_order_relaxed);
}

template <std::size_t n>
struct Text {
  std::array<char, n> chars{};

  void set(std::string_view text) noexcept { chars[text.copy(chars.data(), n - 1)] = '\0'; }
  [[nodiscard]] std::string get() const { return {chars.data(), strnlen(chars.data(), n)}; }
};

// What one thread of a case does. `steps` only ever grows, by one a finished operation.
struct alignas(64) MemberState {
  std::atomic<std::uint64_t> steps{0};
  std::atomic<const char*> asks{nullptr};  // a literal, which the parent has too
  std::atomic<std::uint32_t> object{kNoObject};
  std::atomic<Standing> standing{Standing::outside};
  std::array<std::atomic<std::uint32_t>, kHeldMost> held{kNoObject, kNoObject, kNoObject, kNoObject};
  EventRing<std::array<EventSlot, kRecentMost>> recent;
};

inline void hold(MemberState& state, std::uint32_t object) noexcept {
  for (auto& held : state.held) {
    if (look(held) == kNoObject) return note(held, object);
  }
}
inline void drop(MemberState& state, std::uint32_t object) noexcept {
  for (auto& held : state.held) {
    if (look(held) == object) return note(held, kNoObject);
  }
}

// What must happen before somebody gets an object that others hold.
enum class ResourceKind : std::uint8_t {
  lock,     // all let go of it; also every object without a name
  units,    // slots of a pool, connections, space in a queue: there are `total`, one of the holders lets go
  promise,  // a result, an element to come: held by who owes it
};
struct PageResource {
  Text<32> name;
  ResourceKind kind = ResourceKind::lock;
  std::uint32_t total = 1;
};

struct PageCell {
  Text<48> name;
  std::atomic<std::uint64_t> count{0};
  bool optional = false;  // may stay 0
};

struct Page {
  std::atomic<std::uint64_t> steps{0};     // of the thread that leads the case
  std::atomic<std::uint32_t> patience{1};  // times the processor time that a step may take, see StallJudge
  std::atomic<std::uint64_t> round{0};
  std::atomic<std::uint64_t> round_threads{0};
  std::atomic<std::uint64_t> round_operations{0};
  std::atomic<std::int32_t> helper{0};  // a thread that disturbs and is no part of what is watched
  std::atomic<std::uint32_t> members{0};
  std::array<MemberState, kMembersMost> member;

  std::atomic<std::uint32_t> tasks{0};  // ever made; a place is used again
  std::array<MemberState, kTasksMost> task;
  std::atomic<std::uint32_t> resources{0};
  std::array<PageResource, kResourcesMost> resource;

  std::atomic<std::uint32_t> cells{0};
  std::array<PageCell, kCellsMost> cell;

  // What a thread waits for that a broken object would never let happen; empty: nothing in particular.
  Text<64> expected_property;
  Text<256> expected_detail;

  std::atomic<bool> claimed{false};
  std::atomic<bool> found{false};
  Text<64> property;
  Text<512> detail;
  Text<8192> trace;

  std::atomic<bool> finished{false};
  Text<256> failure;                 // an exception that came out of the case, or why it gave up
  std::atomic<bool> refused{false};  // its options ask for more than it has
};

}  // namespace crosstalk::harness::verify
