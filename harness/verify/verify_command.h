// `crosstalk verify`: does it keep its contract? Every case runs in a process of its own.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness::verify {

// Exit codes: 0 everything passed, 3 a contract is broken (--self-test: a specimen was missed or accused), 5 not all could be
// exercised, 130 or 143 interrupted. Throws UsageError.
[[nodiscard]] int verify_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                                 const Environment& environment, Streams streams);
[[nodiscard]] std::string verify_help();

}  // namespace crosstalk::harness::verify
