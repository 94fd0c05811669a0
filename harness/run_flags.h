// The flags of `crosstalk run`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "harness/flags.h"

namespace crosstalk::harness {

[[nodiscard]] std::span<const Flag> run_flags() noexcept;
// A flag of run as it stands there, for commands that have it too.
[[nodiscard]] const Flag& run_flag(std::string_view name);

// What `crosstalk run --help` prints.
[[nodiscard]] std::string run_help();

}  // namespace crosstalk::harness
