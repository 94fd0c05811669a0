// The functions that a compiler calls under -fsanitize=thread. They take the place of ThreadSanitizer's own: the program is
// linked without that option. Both g++'s and clang++'s sets are here.
#include <cstdint>

#include "harness/explore/atomic_operations.h"
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
    note_cut();
    block(State::spin, nullptr);
  }
  if (runtime->stale_reads && access == Access::write) note_plain_write(address, bytes);
  if (runtime->rescued == 0) note_access(address, bytes, access, place);
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
