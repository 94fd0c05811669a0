// The cells that come with crosstalk; see bench_guard.h. The baselines, cells over reader-writer locks, are the rows of those locks.
#include <string_view>

#include "pool/bench_guard.h"
#include "pool/builtin.h"

namespace crosstalk::pool {
namespace {

const int cells_registered = [] {
  for_each_builtin_cell(
      []<class M>(std::string_view name) { bench_register_guard<M>("own", name, kBenchReadShares); });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
