// The machine and the build, in the context of every result of crosstalk_microbench.
#include <benchmark/benchmark.h>

#include "reports/environment.h"

namespace crosstalk::reports {
namespace {

const int facts_added = [] {
  for (const auto& [key, value] : machine_facts()) benchmark::AddCustomContext(key, value);
  return 0;
}();

}  // namespace
}  // namespace crosstalk::reports
