#include <algorithm>
#include <utility>

#include "harness/verify/specimen.h"

namespace crosstalk::harness::verify {

std::vector<Specimen> all_specimens() {
  std::vector<Specimen> all;
  add_lock_specimens(all);
  add_container_specimens(all);
  add_pool_specimens(all);
  add_service_specimens(all);
  add_durable_specimens(all);
  add_server_specimens(all);
  add_sync_specimens(all);
  add_circumstances(all);
  // A twin after its mutant: they are added so.
  std::stable_sort(all.begin(), all.end(), [](const Specimen& a, const Specimen& b) {
    const bool a_decoy = a.kind == SpecimenKind::decoy;
    const bool b_decoy = b.kind == SpecimenKind::decoy;
    return std::pair(a_decoy, a.name) < std::pair(b_decoy, b.name);
  });
  return all;
}

}  // namespace crosstalk::harness::verify
