// One group of a FlatMap: up to 16 entries whose places share one lock word, one version and one tag byte each, in half a
// cache line. Group probing after Google's Swiss tables (Kulukundis, CppCon 2017); the word that is lock and version at
// once after Lea's StampedLock and the sequence locks of Linux, in the form without fences of Boehm ("Can seqlocks get along
// with programming language memory models?", MSPC 2012): readers load everything with acquire, writers store with release.
//
// state: | 63..3 version | 2 moved | 1 writing | 0 locked |
//
//   free                       a writer may lock it, readers read
//   locked                     somebody reads under the lock: other readers go on, writers wait
//   locked + writing           a writer; readers wait or try again
//   moved, for ever            the entries are in the next table
//
// A reader that loaded version v, then data, then v again, has seen nothing of a writer: (1) to (4). All memory stays
// readable as long as the map lives, so that a late reader finds stale words, never none.
//
// Progress: lock() blocks and may be overtaken without limit; everything else is wait-free. Releasing is a plain store:
// nobody is woken, since who waits long naps and looks again.
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sched.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "pool/cache_line.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool::detail {

inline constexpr unsigned kGroupSlots = 16;

// Words are plain, so that zeroed memory holds groups, and are accessed through these alone.
template <class T>
T load_acquire(const T& word) noexcept {
  // (1) - acquire: synchronizes with store_release() (2): who sees a word of a writer also sees that it is writing.
  return std::atomic_ref<T>(const_cast<T&>(word)).load(std::memory_order_acquire);
}
template <class T>
T load_relaxed(const T& word) noexcept {
  // relaxed: the callers hold the group, or load a version for the second time after acquire loads (1) of the data.
  return std::atomic_ref<T>(const_cast<T&>(word)).load(std::memory_order_relaxed);
}
template <class T>
void store_release(T& word, T value) noexcept {
  // (2) - release: synchronizes with load_acquire() (1).
  std::atomic_ref<T>(word).store(value, std::memory_order_release);
}

// Bit i is set where byte i of the two words (low first) is `tag`.
inline unsigned tags_equal_portable(std::uint64_t low, std::uint64_t high, std::uint8_t tag) noexcept {
  const auto of_word = [tag](std::uint64_t word) {
    constexpr std::uint64_t kLow = 0x7F7F7F7F7F7F7F7FULL;
    const std::uint64_t differ = word ^ (0x0101010101010101ULL * tag);
    const std::uint64_t zero = ~(((differ & kLow) + kLow) | differ | kLow);  // 0x80 in each byte that is 0
    return static_cast<unsigned>(((zero >> 7) * 0x0102040810204080ULL) >> 56);
  };
  return of_word(low) | of_word(high) << 8;
}
inline unsigned tags_equal(std::uint64_t low, std::uint64_t high, std::uint8_t tag) noexcept {
#if defined(__SSE2__)
  const __m128i tags = _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(tag)))));
#else
  return tags_equal_portable(low, high, tag);
#endif
}

struct alignas(32) FlatGroup {
  static constexpr std::uint64_t kLocked = 1;
  static constexpr std::uint64_t kWriting = 2;
  static constexpr std::uint64_t kMoved = 4;
  static constexpr std::uint64_t kVersion = 8;

  std::uint64_t state;
  std::uint64_t tags[2];  // 0 in the byte of an empty slot
  void* next;             // the overflow block, if any

  // Never 0.
  static std::uint8_t tag_of(std::uint64_t hash) noexcept {
    const auto low = static_cast<std::uint8_t>(hash);
    return low == 0 ? std::uint8_t{1} : low;
  }
  [[nodiscard]] unsigned matches(std::uint8_t tag) const noexcept {
    const std::uint64_t low = load_acquire(tags[0]);
    return tags_equal(low, load_acquire(tags[1]), tag);
  }
  [[nodiscard]] unsigned empty() const noexcept { return matches(0); }
  [[nodiscard]] unsigned used() const noexcept { return ~empty() & 0xFFFFU; }
  [[nodiscard]] std::uint8_t tag(unsigned index) const noexcept {
    return static_cast<std::uint8_t>(load_acquire(tags[index / 8]) >> (index % 8 * 8));
  }
  // With the group held for writing, as all that changes it.
  void set_tag(unsigned index, std::uint8_t tag) noexcept {
    const unsigned shift = index % 8 * 8;
    std::uint64_t& word = tags[index / 8];
    store_release(word, (load_relaxed(word) & ~(std::uint64_t{0xFF} << shift)) | std::uint64_t{tag} << shift);
  }
  void set_next(void* block) noexcept { store_release(next, block); }

  // For readers without the lock: data are whole if version() was readable, and is unchanged() after them.
  [[nodiscard]] std::uint64_t version() const noexcept { return load_acquire(state); }
  static bool readable(std::uint64_t version) noexcept { return (version & (kWriting | kMoved)) == 0; }
  [[nodiscard]] bool unchanged(std::uint64_t version) const noexcept {
    return (load_relaxed(state) | kLocked) == (version | kLocked);
  }
  [[nodiscard]] bool moved() const noexcept { return (version() & kMoved) != 0; }

  // kLocked | kWriting, or kLocked for who only reads. False if the entries have moved, or move meanwhile.
  [[nodiscard]] bool lock(std::uint64_t bits) noexcept { return try_lock(bits) || lock_slow(bits); }
  void unlock_read() noexcept { store_release(state, load_relaxed(state) & ~kLocked); }
  void unlock_write() noexcept { store_release(state, stepped()); }
  void unlock_moved() noexcept { store_release(state, stepped() | kMoved); }

 private:
  [[nodiscard]] std::uint64_t stepped() const noexcept {
    return (load_relaxed(state) & ~(kLocked | kWriting)) + kVersion;
  }
  bool try_lock(std::uint64_t bits) noexcept {
    std::uint64_t now = load_relaxed(state);
    if ((now & (kLocked | kMoved)) != 0) return false;
    // (3) - acquire: synchronizes with the release of unlock_*() (2). What follows are release stores, which none who sees
    // them (1) can see without this one. relaxed: a failure is tried again.
    return std::atomic_ref<std::uint64_t>(state).compare_exchange_strong(
        now, now | bits, std::memory_order_acquire, std::memory_order_relaxed);
  }
  [[gnu::cold]] [[gnu::noinline]] bool lock_slow(std::uint64_t bits) noexcept {
    for (unsigned round = 0;; ++round) {
      const std::uint64_t now = version();
      if ((now & kMoved) != 0) return false;
      if ((now & kLocked) == 0 && try_lock(bits)) return true;
      wait(now, round);
    }
  }

 public:
  // One look later: a pause at first, then yields, since the holder may be who does not run, and then naps.
  void wait(std::uint64_t seen, unsigned round) const noexcept {
    constexpr unsigned kPauses = 64;
    constexpr unsigned kYields = 32;
    if (round < kPauses) {
      cpu_relax();
    } else if (round < kPauses + kYields || (seen & kLocked) == 0) {
      sched_yield();
    } else {
      const auto* const word = reinterpret_cast<const std::uint32_t*>(&state) +
                               (std::endian::native == std::endian::little ? 0 : 1);
      futex_wait(word, static_cast<std::uint32_t>(seen), deadline_in(std::chrono::microseconds(50)));
    }
  }
};
static_assert(sizeof(FlatGroup) == 32);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool::detail
