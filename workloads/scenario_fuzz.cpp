// Whatever bytes a scenario file holds: refused with file and reason, or a scenario that is valid.
#include "workloads/fuzz_file.h"
#include "workloads/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crosstalk::workloads;
  static const FuzzFile file;
  const auto path = file.holding(data, size);
  ScenarioFile read;
  try {
    read = load_scenario(path, {"clients", "threads"});
  } catch (const InputError& error) {
    require_refusal(error.what(), path);
    return 0;
  }
  validate(read.scenario);
  return 0;
}
