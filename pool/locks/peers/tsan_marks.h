// Tells ThreadSanitizer what a lock orders that it cannot see into, for it is compiled without it or made of inline assembly.
// Without these marks everything that such a lock guards would be reported as a race. The price: ThreadSanitizer believes
// the lock; whether it excludes is left to the checks of conformance.h. In all other builds the marks are nothing, and where
// CROSSTALK_EXPLORED says that the explorer (harness/explore/) takes its place and sees into the lock.
#pragma once

#if defined(CROSSTALK_EXPLORED)
#elif defined(__SANITIZE_THREAD__)
#define CROSSTALK_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CROSSTALK_UNDER_TSAN 1
#endif
#endif

#ifdef CROSSTALK_UNDER_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace crosstalk::pool {

#ifdef CROSSTALK_UNDER_TSAN
inline void mark_acquired(const void* lock) noexcept {
  __tsan_acquire(const_cast<void*>(lock));
}
inline void mark_releasing(const void* lock) noexcept {
  __tsan_release(const_cast<void*>(lock));
}
#else
inline void mark_acquired(const void*) noexcept {}
inline void mark_releasing(const void*) noexcept {}
#endif

}  // namespace crosstalk::pool
