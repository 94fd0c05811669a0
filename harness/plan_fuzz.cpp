// Whatever bytes a plan file holds: refused with file and reason, or a plan that is the same once written and read again.
#include <cstdlib>

#include "harness/plan.h"
#include "workloads/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crosstalk;
  static const workloads::FuzzFile file;
  const auto path = file.holding(data, size);
  harness::Plan plan;
  try {
    plan = harness::read_plan(path);
  } catch (const workloads::InputError& error) {
    workloads::require_refusal(error.what(), path);
    return 0;
  }
  const std::string text = harness::plan_text(plan);
  static const workloads::FuzzFile again;
  const auto rewritten =
      again.holding(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());  // NOLINT: bytes
  if (harness::read_plan(rewritten) != plan) std::abort();
  return 0;
}
