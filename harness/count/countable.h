// Whether the operations of a trial can be counted.
#pragma once

#include <string>

#include "harness/plan.h"

namespace crosstalk::harness::count {

// Why not; empty: they can be. Nobody waits for a thread for each post, and stores and pools of others cannot be seen through.
[[nodiscard]] inline std::string obstacle_to_counting(const PlanRow& row) {
  if (row.dispatch == pool::Dispatch::thread) return "needs dispatch inline or pooled, got thread";
  if (row.store != StoreKind::memory) return "needs store memory, got sqlite";
  if (row.path == Path::pooled && row.pool != "crosstalk")
    return "needs pool crosstalk on the pooled path, got " + row.pool;
  return {};
}

}  // namespace crosstalk::harness::count
