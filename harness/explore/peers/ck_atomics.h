/* The operations of Concurrency Kit's ck_pr.h, for the explorer: Concurrency Kit's own are inline assembly, which no compiler
 * reports, or volatile accesses, which are reported as plain ones. These call the compiler's hooks themselves, so that they are
 * seen in code compiled without them too.
 *
 * What is explored is Concurrency Kit as it is for x86-64: most of its fences are none there, as loads acquire, stores release and changes are
 * seq_cst by themselves. Include this before any header of it (-include). It takes the place of gcc/ck_pr.h and of gcc/x86_64/ck_pr.h. */
#pragma once

#define CK_PR_GCC_H
#define CK_F_PR
#define CK_USE_CC_BUILTINS 1
#define CK_PR_DISABLE_DOUBLE

#include <stdbool.h>
#include <stdint.h>

#include <ck_cc.h>
#include <gcc/ck_f_pr.h>

#ifdef __cplusplus
extern "C" {
#endif
#define CROSSTALK_CK_HOOKS(bits, type)                             \
  type __tsan_atomic##bits##_load(const volatile void*, int);      \
  void __tsan_atomic##bits##_store(volatile void*, type, int);     \
  type __tsan_atomic##bits##_fetch_add(volatile void*, type, int); \
  type __tsan_atomic##bits##_fetch_sub(volatile void*, type, int); \
  type __tsan_atomic##bits##_fetch_and(volatile void*, type, int); \
  type __tsan_atomic##bits##_fetch_or(volatile void*, type, int);  \
  type __tsan_atomic##bits##_fetch_xor(volatile void*, type, int); \
  type __tsan_atomic##bits##_compare_exchange_val(volatile void*, type, type, int, int);
CROSSTALK_CK_HOOKS(8, uint8_t)
CROSSTALK_CK_HOOKS(16, uint16_t)
CROSSTALK_CK_HOOKS(32, uint32_t)
CROSSTALK_CK_HOOKS(64, uint64_t)
__extension__ typedef unsigned __int128 crosstalk_ck_wide;
crosstalk_ck_wide __tsan_atomic128_compare_exchange_val(volatile void*, crosstalk_ck_wide, crosstalk_ck_wide,
                                                        int, int);
void __tsan_atomic_thread_fence(int);
#ifdef __cplusplus
}
#endif
#undef CROSSTALK_CK_HOOKS

/* In line, so that a trace shows where Concurrency Kit calls them. */
#define CROSSTALK_CK static inline __attribute__((always_inline, unused))
/* The orders that the processor gives, see above: acquire (loads), release (stores), seq_cst (changes). */
#define CROSSTALK_CK_CHANGES __ATOMIC_SEQ_CST

CROSSTALK_CK void ck_pr_barrier(void) {
  __asm__ __volatile__("" ::: "memory");
}
CROSSTALK_CK void ck_pr_stall(void) {
  ck_pr_barrier();
}

#define CROSSTALK_CK_BITS(type, value) ((type)(uintptr_t)(value))

#define CROSSTALK_CK_CHANGE(S, M, T, bits, type, name, hook)                                          \
  CROSSTALK_CK void ck_pr_##name##_##S(M* target, T value) {                                          \
    __tsan_atomic##bits##_fetch_##hook(target, CROSSTALK_CK_BITS(type, value), CROSSTALK_CK_CHANGES); \
  }

/* M: what is pointed to; T: its value. They differ for pointers alone. */
#define CROSSTALK_CK_OPERATIONS(S, M, T, bits, type)                                                         \
  CROSSTALK_CK bool ck_pr_cas_##S(M* target, T compare, T set) {                                             \
    const type wanted = CROSSTALK_CK_BITS(type, compare);                                                    \
    return __tsan_atomic##bits##_compare_exchange_val(target, wanted, CROSSTALK_CK_BITS(type, set),          \
                                                      CROSSTALK_CK_CHANGES, CROSSTALK_CK_CHANGES) == wanted; \
  }                                                                                                          \
  CROSSTALK_CK bool ck_pr_cas_##S##_value(M* target, T compare, T set, M* seen) {                            \
    const type wanted = CROSSTALK_CK_BITS(type, compare);                                                    \
    const type before = __tsan_atomic##bits##_compare_exchange_val(                                          \
        target, wanted, CROSSTALK_CK_BITS(type, set), CROSSTALK_CK_CHANGES, CROSSTALK_CK_CHANGES);           \
    *(T*)seen = (T)(uintptr_t)before;                                                                        \
    return before == wanted;                                                                                 \
  }                                                                                                          \
  CROSSTALK_CK T ck_pr_faa_##S(M* target, T value) {                                                         \
    return (T)(uintptr_t)__tsan_atomic##bits##_fetch_add(target, CROSSTALK_CK_BITS(type, value),             \
                                                         CROSSTALK_CK_CHANGES);                              \
  }                                                                                                          \
  CROSSTALK_CK_CHANGE(S, M, T, bits, type, add, add)                                                         \
  CROSSTALK_CK_CHANGE(S, M, T, bits, type, sub, sub)                                                         \
  CROSSTALK_CK_CHANGE(S, M, T, bits, type, and, and)                                                         \
  CROSSTALK_CK_CHANGE(S, M, T, bits, type, or, or)                                                           \
  CROSSTALK_CK_CHANGE(S, M, T, bits, type, xor, xor)                                                         \
  CROSSTALK_CK void ck_pr_inc_##S(M* target) {                                                               \
    __tsan_atomic##bits##_fetch_add(target, 1, CROSSTALK_CK_CHANGES);                                        \
  }                                                                                                          \
  CROSSTALK_CK void ck_pr_dec_##S(M* target) {                                                               \
    __tsan_atomic##bits##_fetch_sub(target, 1, CROSSTALK_CK_CHANGES);                                        \
  }

#define CROSSTALK_CK_NUMBER(S, T, bits, type)                                              \
  CROSSTALK_CK T ck_pr_md_load_##S(const T* target) {                                      \
    return (T)__tsan_atomic##bits##_load(target, __ATOMIC_ACQUIRE);                        \
  }                                                                                        \
  CROSSTALK_CK void ck_pr_md_store_##S(T* target, T value) {                               \
    __tsan_atomic##bits##_store(target, CROSSTALK_CK_BITS(type, value), __ATOMIC_RELEASE); \
  }                                                                                        \
  CROSSTALK_CK_OPERATIONS(S, T, T, bits, type)

CROSSTALK_CK_NUMBER(8, uint8_t, 8, uint8_t)
CROSSTALK_CK_NUMBER(16, uint16_t, 16, uint16_t)
CROSSTALK_CK_NUMBER(32, uint32_t, 32, uint32_t)
CROSSTALK_CK_NUMBER(64, uint64_t, 64, uint64_t)
CROSSTALK_CK_NUMBER(char, char, 8, uint8_t)
CROSSTALK_CK_NUMBER(int, int, 32, uint32_t)
CROSSTALK_CK_NUMBER(uint, unsigned int, 32, uint32_t)

CROSSTALK_CK void* ck_pr_md_load_ptr(const void* target) {
  return (void*)(uintptr_t)__tsan_atomic64_load(target, __ATOMIC_ACQUIRE);
}
CROSSTALK_CK void ck_pr_md_store_ptr(void* target, const void* value) {
  __tsan_atomic64_store(target, CROSSTALK_CK_BITS(uint64_t, value), __ATOMIC_RELEASE);
}
CROSSTALK_CK_OPERATIONS(ptr, void, void*, 64, uint64_t)

/* Two pointers at once, aligned to 16 bytes. */
#define CK_F_PR_CAS_PTR_2
CROSSTALK_CK bool ck_pr_cas_ptr_2(void* target, void* compare, void* set) {
  crosstalk_ck_wide wanted;
  crosstalk_ck_wide desired;
  __builtin_memcpy(&wanted, compare, sizeof wanted);
  __builtin_memcpy(&desired, set, sizeof desired);
  return __tsan_atomic128_compare_exchange_val(target, wanted, desired, CROSSTALK_CK_CHANGES,
                                               CROSSTALK_CK_CHANGES) == wanted;
}

/* seq_cst (all): mfence and lfence are at least that. */
#define CROSSTALK_CK_FENCE(kind)                      \
  CROSSTALK_CK void ck_pr_fence_strict_##kind(void) { \
    __tsan_atomic_thread_fence(__ATOMIC_SEQ_CST);     \
  }
CROSSTALK_CK_FENCE(atomic)
CROSSTALK_CK_FENCE(atomic_load)
CROSSTALK_CK_FENCE(atomic_store)
CROSSTALK_CK_FENCE(store_atomic)
CROSSTALK_CK_FENCE(load_atomic)
CROSSTALK_CK_FENCE(load)
CROSSTALK_CK_FENCE(load_store)
CROSSTALK_CK_FENCE(store)
CROSSTALK_CK_FENCE(store_load)
CROSSTALK_CK_FENCE(memory)
CROSSTALK_CK_FENCE(acquire)
CROSSTALK_CK_FENCE(release)
CROSSTALK_CK_FENCE(acqrel)
CROSSTALK_CK_FENCE(lock)
CROSSTALK_CK_FENCE(unlock)
