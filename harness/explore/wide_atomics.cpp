// Atomic operations that the processor has not, or that a compiler does not make itself: of 16 bytes, by the compiler's hooks (g++) or
// libatomic's functions (clang++), and of other sizes, which libatomic does under a lock. Both come here, so libatomic is not needed.
#include <cstdint>

#include "harness/explore/atomic_operations.h"
#include "harness/explore/own_memory.h"

namespace crosstalk::harness::explore {

namespace {

__extension__ using Wide = unsigned __int128;

// Outside of executions, of all sizes that have no instruction. acquire and release: each holder sees what the last one did.
class OddSizeLock {
 public:
  OddSizeLock() noexcept {
    while (__atomic_exchange_n(&held_, true, __ATOMIC_ACQUIRE)) {
    }
  }
  ~OddSizeLock() { __atomic_store_n(&held_, false, __ATOMIC_RELEASE); }
  OddSizeLock(const OddSizeLock&) = delete;
  OddSizeLock& operator=(const OddSizeLock&) = delete;

 private:
  static inline bool held_ = false;
};

// The processor knows no other operation of 16 bytes than this.
Wide compare_wide(volatile Wide* address, Wide expected, Wide desired) noexcept {
  return __sync_val_compare_and_swap_16(address, expected, desired);
}

template <class F>
Wide change_wide(volatile Wide* address, F f) noexcept {
  for (Wide seen = 0;;) {
    const Wide before = compare_wide(address, seen, f(seen));
    if (before == seen) return before;
    seen = before;
  }
}

Wide load_wide(const volatile Wide* address, int order, std::uint32_t place) noexcept {
  return exploring ? explored_load(address, order, place)
                   : compare_wide(const_cast<volatile Wide*>(address), 0, 0);
}

void store_wide(volatile Wide* address, Wide value, int order, std::uint32_t place) noexcept {
  if (exploring) return explored_store(address, value, order, place);
  change_wide(address, [value](Wide) { return value; });
}

bool compare_wide(volatile Wide* address, Wide* expected, Wide desired, int order, int miss,
                  std::uint32_t place) noexcept {
  if (exploring) return explored_compare(address, expected, desired, order, miss, place);
  const Wide before = compare_wide(address, *expected, desired);
  const bool equal = before == *expected;
  *expected = before;
  return equal;
}

template <class F>
Wide change_wide(volatile Wide* address, const char* what, int order, std::uint32_t place, F f) noexcept {
  return exploring ? explored_change(address, what, order, place, f) : change_wide(address, f);
}

bool same_bytes(const volatile void* a, const void* b, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i < bytes; ++i) {
    if (static_cast<const volatile char*>(a)[i] != static_cast<const char*>(b)[i]) return false;
  }
  return true;
}

void* plain(const volatile void* address) noexcept {
  return const_cast<void*>(address);
}

// Of any size. The memory model keeps no older values of these.
void load_bytes(std::size_t bytes, Address address, void* result, int order, std::uint32_t place) noexcept {
  if (!exploring) {
    const OddSizeLock locked;
    return copy_bytes(result, plain(address), bytes);
  }
  before_atomic(address, bytes, "load", Access::atomic_read, true, place);
  copy_bytes(result, plain(address), bytes);
  atomic_miss(address, 0, order);
}

void store_bytes(std::size_t bytes, volatile void* address, const void* value, int order,
                 std::uint32_t place) noexcept {
  if (!exploring) {
    const OddSizeLock locked;
    return copy_bytes(plain(address), value, bytes);
  }
  before_atomic(address, bytes, "store", Access::atomic_write, false, place);
  copy_bytes(plain(address), value, bytes);
  atomic_store(address, 0, 1, order);
}

void exchange_bytes(std::size_t bytes, volatile void* address, const void* value, void* result, int order,
                    std::uint32_t place) noexcept {
  if (!exploring) {
    const OddSizeLock locked;
    copy_bytes(result, plain(address), bytes);
    return copy_bytes(plain(address), value, bytes);
  }
  before_atomic(address, bytes, "exchange", Access::atomic_write, false, place);
  copy_bytes(result, plain(address), bytes);
  copy_bytes(plain(address), value, bytes);
  atomic_change(address, 0, 1, order);
}

bool compare_plainly(std::size_t bytes, volatile void* address, void* expected,
                     const void* desired) noexcept {
  const bool equal = same_bytes(address, expected, bytes);
  if (equal) {
    copy_bytes(plain(address), desired, bytes);
  } else {
    copy_bytes(expected, plain(address), bytes);
  }
  return equal;
}

bool compare_bytes(std::size_t bytes, volatile void* address, void* expected, const void* desired, int order,
                   int miss, std::uint32_t place) noexcept {
  if (!exploring) {
    const OddSizeLock locked;
    return compare_plainly(bytes, address, expected, desired);
  }
  before_atomic(address, bytes, "compare-exchange", Access::atomic_read,
                !same_bytes(address, expected, bytes), place);
  const bool equal = compare_plainly(bytes, address, expected, desired);
  if (equal) {
    note_access(address, bytes, Access::atomic_write, place);
    atomic_change(address, 0, 1, order);
  } else {
    atomic_miss(address, 0, miss);
  }
  return equal;
}

bool has_words(std::size_t bytes) noexcept {
  return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16;
}

// f(a pointer to a word of that size): false where there is no such word.
template <class F>
bool with_word(std::size_t bytes, volatile void* address, F f) noexcept {
  if (!has_words(bytes) || reinterpret_cast<std::uintptr_t>(address) % bytes != 0) return false;
  switch (bytes) {
    case 1:
      f(static_cast<volatile std::uint8_t*>(address));
      break;
    case 2:
      f(static_cast<volatile std::uint16_t*>(address));
      break;
    case 4:
      f(static_cast<volatile std::uint32_t*>(address));
      break;
    case 8:
      f(static_cast<volatile std::uint64_t*>(address));
      break;
    default:
      f(static_cast<volatile Wide*>(address));
      break;
  }
  return true;
}

// A value that need not be aligned as its type is.
template <class T>
T value_at(const void* memory) noexcept {
  T value;
  copy_bytes(&value, memory, sizeof value);
  return value;
}

template <class T>
T load_word(volatile T* address, int order, std::uint32_t place) noexcept {
  if constexpr (sizeof(T) == sizeof(Wide)) {
    return load_wide(address, order, place);
  } else {
    return exploring ? explored_load(address, order, place) : __atomic_load_n(address, __ATOMIC_SEQ_CST);
  }
}

template <class T>
void store_word(volatile T* address, T value, int order, std::uint32_t place) noexcept {
  if constexpr (sizeof(T) == sizeof(Wide)) {
    store_wide(address, value, order, place);
  } else if (exploring) {
    explored_store(address, value, order, place);
  } else {
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
  }
}

template <class T>
T exchange_word(volatile T* address, T value, int order, std::uint32_t place) noexcept {
  const auto f = [value](T) { return value; };
  if constexpr (sizeof(T) == sizeof(Wide)) {
    return change_wide(address, "exchange", order, place, f);
  } else {
    return exploring ? explored_change(address, "exchange", order, place, f)
                     : __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
  }
}

template <class T>
bool compare_word(volatile T* address, T* expected, T desired, int order, int miss,
                  std::uint32_t place) noexcept {
  if constexpr (sizeof(T) == sizeof(Wide)) {
    return compare_wide(address, expected, desired, order, miss, place);
  } else {
    if (exploring) return explored_compare(address, expected, desired, order, miss, place);
    return __atomic_compare_exchange_n(address, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the compilers', who know them for their own: so they are given to functions of another name.
// NOLINTBEGIN(bugprone-reserved-identifier,bugprone-macro-parentheses)
#define HOOK extern "C" __attribute__((visibility("default"), noinline))
#define NAMED(type, ours, name, ...)                                                            \
  extern "C" __attribute__((visibility("default"), noinline)) type ours(__VA_ARGS__) asm(name); \
  type ours(__VA_ARGS__)
#define PLACE CROSSTALK_EXPLORE_PLACE

HOOK Wide __tsan_atomic128_load(const volatile Wide* address, int order) {
  return load_wide(address, order, PLACE);
}
HOOK void __tsan_atomic128_store(volatile Wide* address, Wide value, int order) {
  store_wide(address, value, order, PLACE);
}
HOOK int __tsan_atomic128_compare_exchange_strong(volatile Wide* address, Wide* expected, Wide desired,
                                                  int order, int miss) {
  return compare_wide(address, expected, desired, order, miss, PLACE);
}
HOOK int __tsan_atomic128_compare_exchange_weak(volatile Wide* address, Wide* expected, Wide desired,
                                                int order, int miss) {
  return compare_wide(address, expected, desired, order, miss, PLACE);
}
HOOK Wide __tsan_atomic128_compare_exchange_val(volatile Wide* address, Wide expected, Wide desired,
                                                int order, int miss) {
  compare_wide(address, &expected, desired, order, miss, PLACE);
  return expected;
}
NAMED(Wide, explore_load_16, "__atomic_load_16", const volatile Wide* address, int order) {
  return load_wide(address, order, PLACE);
}
NAMED(void, explore_store_16, "__atomic_store_16", volatile Wide* address, Wide value, int order) {
  store_wide(address, value, order, PLACE);
}
NAMED(bool, explore_compare_16, "__atomic_compare_exchange_16", volatile Wide* address, Wide* expected,
      Wide desired, int order, int miss) {
  return compare_wide(address, expected, desired, order, miss, PLACE);
}

#define WIDE_CHANGES(name, what, expression)                                                       \
  HOOK Wide __tsan_atomic128_##name(volatile Wide* address, Wide operand, int order) {             \
    return change_wide(address, what, order, PLACE, [operand](Wide old) { return (expression); }); \
  }                                                                                                \
  NAMED(Wide, explore_##name##_16, "__atomic_" #name "_16", volatile Wide* address, Wide operand,  \
        int order) {                                                                               \
    return change_wide(address, what, order, PLACE, [operand](Wide old) { return (expression); }); \
  }
WIDE_CHANGES(exchange, "exchange", ((void)old, operand))
WIDE_CHANGES(fetch_add, "fetch-add", old + operand)
WIDE_CHANGES(fetch_sub, "fetch-sub", old - operand)
WIDE_CHANGES(fetch_and, "fetch-and", old& operand)
WIDE_CHANGES(fetch_or, "fetch-or", old | operand)
WIDE_CHANGES(fetch_xor, "fetch-xor", old ^ operand)
WIDE_CHANGES(fetch_nand, "fetch-nand", ~(old& operand))

NAMED(void, explore_load, "__atomic_load", std::size_t bytes, volatile void* address, void* result,
      int order) {
  const std::uint32_t place = PLACE;
  const bool done = with_word(bytes, address, [&](auto* word) {
    const auto value = load_word(word, order, place);
    copy_bytes(result, &value, sizeof value);
  });
  if (!done) load_bytes(bytes, address, result, order, place);
}
NAMED(void, explore_store, "__atomic_store", std::size_t bytes, volatile void* address, void* value,
      int order) {
  const std::uint32_t place = PLACE;
  const bool done = with_word(
      bytes, address, [&]<class T>(volatile T* word) { store_word(word, value_at<T>(value), order, place); });
  if (!done) store_bytes(bytes, address, value, order, place);
}
NAMED(void, explore_exchange, "__atomic_exchange", std::size_t bytes, volatile void* address, void* value,
      void* result, int order) {
  const std::uint32_t place = PLACE;
  const bool done = with_word(bytes, address, [&]<class T>(volatile T* word) {
    const T before = exchange_word(word, value_at<T>(value), order, place);
    copy_bytes(result, &before, sizeof before);
  });
  if (!done) exchange_bytes(bytes, address, value, result, order, place);
}
NAMED(bool, explore_compare, "__atomic_compare_exchange", std::size_t bytes, volatile void* address,
      void* expected, void* desired, int order, int miss) {
  const std::uint32_t place = PLACE;
  bool equal = false;
  const bool done = with_word(bytes, address, [&]<class T>(volatile T* word) {
    T seen = value_at<T>(expected);
    equal = compare_word(word, &seen, value_at<T>(desired), order, miss, place);
    copy_bytes(expected, &seen, sizeof seen);
  });
  return done ? equal : compare_bytes(bytes, address, expected, desired, order, miss, place);
}
NAMED(bool, explore_is_lock_free, "__atomic_is_lock_free", std::size_t bytes, const volatile void* address) {
  return has_words(bytes) && reinterpret_cast<std::uintptr_t>(address) % bytes == 0;
}
// NOLINTEND(bugprone-reserved-identifier,bugprone-macro-parentheses)
