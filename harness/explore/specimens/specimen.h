// The verifier's specimens (harness/verify/specimens), explored: what breaks in the mutant, and in which finding it shows, beside the
// twin, which must be silent in the same scenario; and decoys, which look odd and are right.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/explore/explore.h"

namespace crosstalk::harness::explore {

struct ExploredSpecimen {
  std::string name;      // "M01"
  std::string property;  // that the mutant breaks; an assertion's text begins with it
  Finding shown_as = Finding::assertion;
  std::string bug;
  std::function<void()> mutant;  // none: a decoy
  std::function<void()> twin;    // or the decoy
  bool stale_reads = false;      // the bug is one of memory orders alone
};

[[nodiscard]] inline ExploredSpecimen explored_decoy(std::string name, std::string what,
                                                     std::function<void()> scenario) {
  return {std::move(name), "", Finding::none, std::move(what), nullptr, std::move(scenario)};
}

// Each adds those of a kind of component.
void add_explored_locks(std::vector<ExploredSpecimen>& all);
void add_explored_containers(std::vector<ExploredSpecimen>& all);
void add_explored_pools(std::vector<ExploredSpecimen>& all);
void add_explored_services(std::vector<ExploredSpecimen>& all);

}  // namespace crosstalk::harness::explore
