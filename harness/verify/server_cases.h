// How a chat server is tried: short trials in which everything happens, under a needle that interrupts their threads wherever they are,
// some with faults, each judged by the laws of every trial (harness/laws.h). A law that breaks is the property that is named.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

struct AnyServer {
  TrialFn trial = nullptr;
  bool one_thread = false;  // it may only be used by one driver, and by none of a pool
  bool floor = false;       // it only counts calls, and nothing is to be received
};
[[nodiscard]] std::vector<VerifyCase> server_cases(const AnyServer& server);

// The law in what broken_law() says, without its numbers: "sum of room sequences against posts accepted".
[[nodiscard]] std::string name_of_law(const std::string& broken);

}  // namespace crosstalk::harness::verify
