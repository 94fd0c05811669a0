// The functions that a compiler calls under -fsanitize=thread. They take the place of ThreadSanitizer's own: the program is
// linked without that option. Both g++'s and clang++'s sets are here.
#include <cstdint>

#include "harness/explore/memory_model.h"
#include "harness/explore/scheduler.h"
#include "harness/explore/shadow.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint32_t kAccessesInVain = 100'000;
constexpr int kRelaxed = 0;

// Plain accesses are no scheduling points: where they matter they race, and are found by that.
inline void plain_access(Address address, std::size_t bytes, Access access, std::uint32_t place) noexcept {
  // A loop without atomics that waits for what others do would go on for ever.
  if (++self().accesses > kAccessesInVain) {
    self().accesses = 0;
    block(State::spin, nullptr);
  }
  if (runtime->rescued == 0) note_access(address, bytes, access, place);
}

template <class T>
std::uint64_t low_bits(T value) noexcept {
  return static_cast<std::uint64_t>(value);
}

// Before an atomic operation. The same look as the one before, with nothing changed since, is no new scheduling point.
template <class T>
void before_atomic(const volatile T* address, const char* what, Access access, bool may_be_in_vain,
                   std::uint32_t place) noexcept {
  Thread& me = self();
  if (may_be_in_vain && me.last_address == address && me.last_change == runtime->changes) {
    check_alive(address, place);
  } else {
    step(what, address, place);
  }
  if (may_be_in_vain) look_in_vain();
  note_access(address, sizeof(T), access, place);
  me.last_address = address;
}

template <class T>
T explored_load(const volatile T* address, int order, std::uint32_t place) noexcept {
  before_atomic(address, "load", Access::atomic_read, true, place);
  const T value = *address;
  if constexpr (sizeof(T) > sizeof(std::uint64_t)) {
    atomic_miss(address, order);
    return value;
  } else {
    return static_cast<T>(atomic_load(address, low_bits(value), order));
  }
}

template <class T>
void explored_store(volatile T* address, T value, int order, std::uint32_t place) noexcept {
  before_atomic(address, "store", Access::atomic_write, false, place);
  const T before = *address;
  *address = value;
  atomic_store(address, low_bits(before), low_bits(value), order);
}

template <class T, class F>
T explored_change(volatile T* address, const char* what, int order, std::uint32_t place, F f) noexcept {
  // An exchange that changes nothing is how a test-and-set lock spins.
  const T seen = *address;
  before_atomic(address, what, Access::atomic_write, f(seen) == seen, place);
  const T before = *address;
  *address = f(before);
  atomic_change(address, low_bits(before), low_bits(f(before)), order);
  return before;
}

template <class T>
bool explored_compare(volatile T* address, T* expected, T desired, int order, int miss_order,
                      std::uint32_t place) noexcept {
  before_atomic(address, "compare-exchange", Access::atomic_read, *address != *expected, place);
  const T before = *address;
  if (before != *expected) {
    atomic_miss(address, miss_order);
    *expected = before;
    return false;
  }
  note_access(address, sizeof(T), Access::atomic_write, place);
  *address = desired;
  atomic_change(address, low_bits(before), low_bits(desired), order);
  return true;
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the compilers'.
// NOLINTBEGIN(bugprone-reserved-identifier,bugprone-macro-parentheses)
#define HOOK extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE

// seq_cst in what is not explored: it is nobody's measurement.
#define CHANGE_HOOK(bits, type, name, what, builtin, expression)                            \
  HOOK type __tsan_atomic##bits##_##name(volatile type* address, type operand, int order) { \
    if (!exploring) return builtin(address, operand);                                       \
    return explored_change(address, what, order, PLACE,                                     \
                           [operand](type old) { return static_cast<type>(expression); });  \
  }

#define COMPARE_HOOKS(bits, type, builtin)                                                                   \
  HOOK int __tsan_atomic##bits##_compare_exchange_strong(volatile type* address, type* expected,             \
                                                         type desired, int order, int miss) {                \
    if (exploring) return explored_compare(address, expected, desired, order, miss, PLACE);                  \
    const type before = builtin(address, *expected, desired);                                                \
    const bool equal = before == *expected;                                                                  \
    *expected = before;                                                                                      \
    return equal;                                                                                            \
  }                                                                                                          \
  HOOK int __tsan_atomic##bits##_compare_exchange_weak(volatile type* address, type* expected, type desired, \
                                                       int order, int miss) {                                \
    if (exploring) return explored_compare(address, expected, desired, order, miss, PLACE);                  \
    const type before = builtin(address, *expected, desired);                                                \
    const bool equal = before == *expected;                                                                  \
    *expected = before;                                                                                      \
    return equal;                                                                                            \
  }                                                                                                          \
  HOOK type __tsan_atomic##bits##_compare_exchange_val(volatile type* address, type expected, type desired,  \
                                                       int order, int miss) {                                \
    if (!exploring) return builtin(address, expected, desired);                                              \
    explored_compare(address, &expected, desired, order, miss, PLACE);                                       \
    return expected;                                                                                         \
  }

#define EXCHANGE(address, operand) __atomic_exchange_n(address, operand, __ATOMIC_SEQ_CST)
#define NAND(address, operand) __atomic_fetch_nand(address, operand, __ATOMIC_SEQ_CST)
#define LOAD_STORE_HOOKS(bits, type)                                                     \
  HOOK type __tsan_atomic##bits##_load(const volatile type* address, int order) {        \
    if (!exploring) return __atomic_load_n(address, __ATOMIC_SEQ_CST);                   \
    return explored_load(address, order, PLACE);                                         \
  }                                                                                      \
  HOOK void __tsan_atomic##bits##_store(volatile type* address, type value, int order) { \
    if (!exploring) return __atomic_store_n(address, value, __ATOMIC_SEQ_CST);           \
    explored_store(address, value, order, PLACE);                                        \
  }

#define ATOMIC_HOOKS(bits, type)                                                       \
  LOAD_STORE_HOOKS(bits, type)                                                         \
  CHANGE_HOOK(bits, type, exchange, "exchange", EXCHANGE, ((void)old, operand))        \
  CHANGE_HOOK(bits, type, fetch_add, "fetch-add", __sync_fetch_and_add, old + operand) \
  CHANGE_HOOK(bits, type, fetch_sub, "fetch-sub", __sync_fetch_and_sub, old - operand) \
  CHANGE_HOOK(bits, type, fetch_and, "fetch-and", __sync_fetch_and_and, old& operand)  \
  CHANGE_HOOK(bits, type, fetch_or, "fetch-or", __sync_fetch_and_or, old | operand)    \
  CHANGE_HOOK(bits, type, fetch_xor, "fetch-xor", __sync_fetch_and_xor, old ^ operand) \
  CHANGE_HOOK(bits, type, fetch_nand, "fetch-nand", NAND, ~(old & operand))            \
  COMPARE_HOOKS(bits, type, __sync_val_compare_and_swap)

ATOMIC_HOOKS(8, std::uint8_t)
ATOMIC_HOOKS(16, std::uint16_t)
ATOMIC_HOOKS(32, std::uint32_t)
ATOMIC_HOOKS(64, std::uint64_t)

// clang++ only; g++ sends them to libatomic, where nothing is seen. The processor knows no 128-bit operation but one.
__extension__ using Wide = unsigned __int128;
HOOK Wide __tsan_atomic128_load(const volatile Wide* address, int order) {
  if (!exploring)
    return __sync_val_compare_and_swap_16(const_cast<volatile Wide*>(address), Wide{0}, Wide{0});
  return explored_load(address, order, PLACE);
}
HOOK void __tsan_atomic128_store(volatile Wide* address, Wide value, int order) {
  if (exploring) return explored_store(address, value, order, PLACE);
  for (Wide seen = *address;;) {
    const Wide before = __sync_val_compare_and_swap_16(address, seen, value);
    if (before == seen) return;
    seen = before;
  }
}
HOOK Wide __tsan_atomic128_exchange(volatile Wide* address, Wide value, int order) {
  if (exploring) return explored_change(address, "exchange", order, PLACE, [value](Wide) { return value; });
  for (Wide seen = *address;;) {
    const Wide before = __sync_val_compare_and_swap_16(address, seen, value);
    if (before == seen) return before;
    seen = before;
  }
}
COMPARE_HOOKS(128, Wide, __sync_val_compare_and_swap_16)

HOOK void __tsan_atomic_thread_fence(int order) {
  if (!exploring) return __atomic_thread_fence(__ATOMIC_SEQ_CST);
  fence(order);
  record("fence", nullptr, PLACE, static_cast<std::uint64_t>(order == kRelaxed ? 0 : order));
}
HOOK void __tsan_atomic_signal_fence(int) {}

#define PLAIN_HOOK(name, bytes, access)                                 \
  HOOK void __tsan_##name(void* address) {                              \
    if (exploring) plain_access(address, bytes, Access::access, PLACE); \
  }
#define PLAIN_HOOKS(bytes)                                \
  PLAIN_HOOK(read##bytes, bytes, read)                    \
  PLAIN_HOOK(write##bytes, bytes, write)                  \
  PLAIN_HOOK(read_write##bytes, bytes, write)             \
  PLAIN_HOOK(unaligned_read##bytes, bytes, read)          \
  PLAIN_HOOK(unaligned_write##bytes, bytes, write)        \
  PLAIN_HOOK(unaligned_read_write##bytes, bytes, write)   \
  PLAIN_HOOK(volatile_read##bytes, bytes, read)           \
  PLAIN_HOOK(volatile_write##bytes, bytes, write)         \
  PLAIN_HOOK(unaligned_volatile_read##bytes, bytes, read) \
  PLAIN_HOOK(unaligned_volatile_write##bytes, bytes, write)
PLAIN_HOOKS(1)
PLAIN_HOOKS(2)
PLAIN_HOOKS(4)
PLAIN_HOOKS(8)
PLAIN_HOOKS(16)

HOOK void __tsan_read_range(void* address, std::size_t bytes) {
  if (exploring) plain_access(address, bytes, Access::read, PLACE);
}
HOOK void __tsan_write_range(void* address, std::size_t bytes) {
  if (exploring) plain_access(address, bytes, Access::write, PLACE);
}
HOOK void __tsan_vptr_read(void** address) {
  if (exploring) plain_access(address, sizeof *address, Access::read, PLACE);
}
// Constructors and destructors write it again and again; only a change is a write.
HOOK void __tsan_vptr_update(void** address, void* value) {
  if (exploring && *address != value) plain_access(address, sizeof *address, Access::write, PLACE);
}

HOOK void __tsan_func_entry(void* caller) {
  if (!exploring) return;
  Thread& me = self();
  if (me.depth >= 0 && me.depth < kMaxCalls)
    me.calls[me.depth] = is_program(caller) ? place_of(caller, nullptr) : 0;
  ++me.depth;
}
HOOK void __tsan_func_exit() {
  if (exploring && self().depth > 0) --self().depth;
}

HOOK void __tsan_init() {}
HOOK void __tsan_ignore_thread_begin() {}
HOOK void __tsan_ignore_thread_end() {}
// NOLINTEND(bugprone-reserved-identifier,bugprone-macro-parentheses)
