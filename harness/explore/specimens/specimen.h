// The verifier's specimens (harness/verify/specimens), explored: what breaks in the mutant, and in which finding it shows, beside the
// twin, which must be silent in the same scenario.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/explore/explore.h"

namespace crosstalk::harness::explore {

struct ExploredSpecimen {
  std::string name;      // "M01"
  std::string property;  // that the mutant breaks; an assertion's text begins with it
  Finding shown_as = Finding::assertion;
  std::string bug;
  std::function<void()> mutant;
  std::function<void()> twin;
  bool stale_reads = false;  // the bug is one of memory orders alone
};

// Each adds those of a kind of component.
void add_explored_locks(std::vector<ExploredSpecimen>& all);
void add_explored_containers(std::vector<ExploredSpecimen>& all);
void add_explored_pools(std::vector<ExploredSpecimen>& all);
void add_explored_services(std::vector<ExploredSpecimen>& all);

}  // namespace crosstalk::harness::explore
