// What the machine lacked, by the exception that came of it: then nothing is known of what was on trial.
#pragma once

#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "pool/resources/store_error.h"

namespace crosstalk::harness::verify {

inline constexpr std::string_view kNoMemory = "the machine has no more memory";
inline constexpr std::string_view kNoThreads = "the machine has no more threads";
inline constexpr std::string_view kNoSpace = "the disk is full";

// Empty: the exception says something else.
[[nodiscard]] inline std::string_view lack_of(const std::exception& error) noexcept {
  // A length that no machine has comes of a bug.
  if (dynamic_cast<const std::bad_array_new_length*>(&error) != nullptr) return {};
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return kNoMemory;
  if (const auto* system = dynamic_cast<const std::system_error*>(&error); system != nullptr) {
    if (system->code() == std::errc::resource_unavailable_try_again) return kNoThreads;
    if (system->code() == std::errc::not_enough_memory) return kNoMemory;
    if (system->code() == std::errc::no_space_on_device) return kNoSpace;
  }
  if (const auto* store = dynamic_cast<const pool::StoreError*>(&error); store != nullptr) {
    if (store->fault() == pool::StoreFault::full) return kNoSpace;
    if (store->fault() == pool::StoreFault::no_memory) return kNoMemory;
  }
  return {};
}
// In words, whatever it says.
[[nodiscard]] inline std::string_view why_not_run(const std::exception& error) noexcept {
  const std::string_view lack = lack_of(error);
  return lack.empty() ? std::string_view(error.what()) : lack;
}

}  // namespace crosstalk::harness::verify
