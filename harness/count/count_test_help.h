// For the tests of counting: what this program lets be seen.
#pragma once

namespace crosstalk::harness::count {

// clang++ links the runtime of AddressSanitizer, and its operator new, into the program, where calls cannot be redirected.
#if defined(__clang__)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kHeapIsOwn = true;
#else
inline constexpr bool kHeapIsOwn = false;
#endif
#else
inline constexpr bool kHeapIsOwn = false;
#endif

}  // namespace crosstalk::harness::count
