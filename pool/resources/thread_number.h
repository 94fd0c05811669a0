// thread_number: a small number that no other living thread has, for tables with an entry a thread, whose entries then need no
// lock and no atomics. A thread takes the lowest one that is free when it first asks, and gives it back at its end.
//
// What a thread did with its number's entry happens before what the next owner of the number does.
// Progress: lock-free on a thread's first call, wait-free later. No errors: a thread gets kNoThreadNumber, and keeps it, if
// all numbers were taken; and so does one whose thread-local objects are being destroyed.
#pragma once

#include <cstdint>

namespace crosstalk::pool {

inline constexpr std::uint32_t kThreadNumbers = 64;
inline constexpr std::uint32_t kNoThreadNumber = kThreadNumbers;

namespace detail {
inline constexpr std::uint32_t kThreadNumberUnknown = kThreadNumbers + 1;
inline thread_local constinit std::uint32_t this_thread_number = kThreadNumberUnknown;
std::uint32_t take_thread_number() noexcept;
}  // namespace detail

[[nodiscard]] inline std::uint32_t thread_number() noexcept {
  const std::uint32_t known = detail::this_thread_number;
  return known != detail::kThreadNumberUnknown ? known : detail::take_thread_number();
}

}  // namespace crosstalk::pool
