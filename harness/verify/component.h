// What `crosstalk verify` can judge: the parts of the pool, and whatever is plugged into a catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/catalog.h"
#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

struct Component {
  std::string name;      // "lock/ticket"
  std::string promises;  // its contract, in words
  std::vector<VerifyCase> cases;
  std::string why_none{};  // without cases: why
  bool peer = false;
  bool plugged_in = false;
  bool server = false;  // a chat server: many share the last part of a name, so it is found by its whole name
};

// Locks, cells, maps, pools and servers of the catalog, then the parts of the pool that no strategy names.
[[nodiscard]] std::vector<Component> components_of(const Catalog& catalog);

// Those that a name or glob means: kind/name, or, but for chat servers, the name alone.
[[nodiscard]] std::vector<Component> chosen_components(const std::vector<Component>& all,
                                                       std::string_view pattern);

// builtin_components.cpp
void add_builtin_components(std::vector<Component>& all);
// builtin_services.cpp
void add_builtin_services(std::vector<Component>& all);
// builtin_sync.cpp
void add_builtin_sync(std::vector<Component>& all);
// builtin_stores.cpp
void add_builtin_stores(std::vector<Component>& all);

}  // namespace crosstalk::harness::verify
