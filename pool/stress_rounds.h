// For tests: how much smaller a stress test is under a sanitizer, which makes everything ten times slower.
#pragma once

namespace crosstalk::pool {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

// `full` rounds, or a tenth of them.
constexpr unsigned stress_rounds(unsigned full) {
  return kSanitized ? (full + 9) / 10 : full;
}

}  // namespace crosstalk::pool
