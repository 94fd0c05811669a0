// The locks that come with crosstalk, the standard library's, and no lock at all; see bench_guard.h.
#include <string_view>

#include "pool/bench_guard.h"
#include "pool/builtin.h"

namespace crosstalk::pool {
namespace {

const int locks_registered = [] {
  bench_register_guard<BenchUnlocked>("ceiling", "unlocked", kBenchReadShares);
  for_each_builtin_lock([]<class L>(std::string_view name) {
    if constexpr (!kContractOf<L>.one_thread)
      bench_register_lock<L>(name.starts_with("std_") ? "peer" : "own", name);
  });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
