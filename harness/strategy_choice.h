// Which strategies of a catalog the names and globs of --strategy mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/catalog.h"

namespace crosstalk::harness {

struct StrategyChoice {
  std::vector<std::string> names;  // none twice, in the order of the patterns, then of the catalog
  std::vector<std::string> notes;  // what globs skipped, and why
};

// What a run asks of its strategies.
struct StrategyNeeds {
  unsigned concurrency = 1;  // how many threads may be in the server at a time
  bool composed = false;     // another dispatch than inline, or a store
};

// A strategy that cannot what is needed is skipped by a glob and refused by name. Floor strategies and the reference server are
// measured for their own sake only: no wildcard before the '/' finds them. Throws ValueError.
[[nodiscard]] StrategyChoice choose_strategies(const Catalog& catalog,
                                               const std::vector<std::string>& patterns,
                                               const StrategyNeeds& needs);

// Throws ValueError with the nearest name and all there are.
[[nodiscard]] const Strategy& strategy_named(const Catalog& catalog, std::string_view name);

// The same of the executors of the pooled path.
[[nodiscard]] const PoolKind& pool_named(const Catalog& catalog, std::string_view name);

}  // namespace crosstalk::harness
